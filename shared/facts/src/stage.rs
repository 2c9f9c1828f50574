//! What a case stands on: the clients, names of its own, and a list of what must go afterwards.

use std::future::Future;
use std::ops::Deref;
use std::sync::Mutex;
use std::time::Duration;

use crate::Clients;
use crate::case::Trouble;
use crate::expect::{differs, given};
use crate::made::{self, Made};

/// The first wait between two looks, and the longest.
const FIRST_LOOK: Duration = Duration::from_secs(2);
const SLOWEST_LOOK: Duration = Duration::from_secs(20);

/// No life cycle takes longer: a database in two zones or a stuck gateway may need half an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(45 * 60);

/// What a case changes of a call that its stage makes for it: `|create| create.name("orders")`.
pub(crate) trait Adjust<B>: FnOnce(B) -> B + Send {}

impl<B, F: FnOnce(B) -> B + Send> Adjust<B> for F {}

/// The stage of one case. It has the clients' fields.
pub(crate) struct Stage<'a> {
    clients: &'a Clients,
    made: Mutex<Vec<Made>>,
}

impl Deref for Stage<'_> {
    type Target = Clients;

    fn deref(&self) -> &Clients {
        self.clients
    }
}

impl<'a> Stage<'a> {
    pub(crate) fn new(clients: &'a Clients) -> Stage<'a> {
        Stage { clients, made: Mutex::new(Vec::new()) }
    }

    /// Notes a thing that was made, so that it is removed at the end. Answers its id.
    pub(crate) fn keep<T: AsRef<str> + ?Sized>(
        &self,
        kind: fn(String) -> Made,
        id: Option<&T>,
    ) -> Result<String, Trouble> {
        let id = given("an id", id)?.as_ref().to_owned();
        let thing = kind(id.clone());
        let mut made = self.made.lock().expect("nobody panics while holding it");
        if !made.contains(&thing) {
            made.push(thing);
        }
        Ok(id)
    }

    /// Removes everything that was made. The last thing is tried first, and what still depends on
    /// something is tried again in the next round.
    ///
    /// # Errors
    ///
    /// What could not be removed. The rest is gone.
    pub(crate) async fn clear(&self) -> Result<(), String> {
        let made = std::mem::take(&mut *self.made.lock().expect("nobody panics while holding it"));
        let mut left: Vec<Made> = made.into_iter().rev().collect();
        let mut refused = Vec::new();
        let (mut interval, mut waited) = (FIRST_LOOK, Duration::ZERO);
        loop {
            let mut staying = Vec::new();
            for thing in left {
                match made::remove(self.clients, &thing).await {
                    // An endpoint that cannot remove such things is no account that costs money.
                    Ok(Some(())) | Err(Trouble::NotImplemented(_)) => {}
                    Ok(None) => staying.push(thing),
                    Err(trouble) => refused.push(format!("{thing:?}: {trouble}")),
                }
            }
            left = staying;
            if left.is_empty() || waited >= LONGEST_WAIT {
                break;
            }
            self.pause(interval).await;
            waited += interval;
            interval = slower(interval);
        }
        refused.extend(left.iter().map(|thing| format!("{thing:?} is still there")));
        if refused.is_empty() { Ok(()) } else { Err(refused.join("; ")) }
    }

    /// Looks again and again, at growing intervals, until there is something to see.
    pub(crate) async fn until<T, F, L>(&self, what: &str, mut look: F) -> Result<T, Trouble>
    where
        F: FnMut() -> L + Send,
        L: Future<Output = Result<Option<T>, Trouble>> + Send,
    {
        let mut interval = FIRST_LOOK;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            if waited >= LONGEST_WAIT {
                let minutes = waited.as_secs() / 60;
                return differs(what, format!("not within {minutes} minutes"));
            }
            self.pause(interval).await;
            waited += interval;
            interval = slower(interval);
        }
    }

    /// Waits for this long.
    pub(crate) async fn pause(&self, how_long: Duration) {
        (self.clients.wait)(how_long).await;
    }
}

/// The wait after one of this length.
fn slower(interval: Duration) -> Duration {
    (interval * 3 / 2).min(SLOWEST_LOOK)
}
