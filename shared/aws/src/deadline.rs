//! When an invocation must have ended.
//!
//! Lambda ends a function whose time is up, and with it whatever it was about to say. So nothing
//! new is started shortly before, and what is under way is left: stopping anywhere is safe.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::config::Pace;

/// With less than this left nothing new is started: most calls take less.
const MARGIN: Duration = Duration::from_secs(10);
/// With less than this left no call is waited for any longer.
const LAST_CALL: Duration = Duration::from_secs(4);
/// With less than this left nothing at all is: what remains is for the answer.
const LAST: Duration = Duration::from_secs(2);

/// When an invocation must have ended. Durations are those of AWS, whose time may be scaled.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// `None` is never.
    at: Option<Instant>,
    pace: Pace,
}

impl Deadline {
    /// There is none: a single pass by hand, or in a test.
    pub const NEVER: Deadline = Deadline { at: None, pace: Pace::REAL };

    /// After this long, at this pace.
    pub fn after(time: Duration, pace: Pace) -> Deadline {
        Deadline { at: Some(Instant::now() + pace.real(time)), pace }
    }

    /// As Lambda tells it (Lambda Developer Guide, "Lambda runtime API", `Deadline-Ms`): in
    /// milliseconds of real time since 1970.
    pub fn of_lambda(milliseconds: u64, pace: Pace) -> Deadline {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = Duration::from_millis(milliseconds).saturating_sub(now);
        Deadline { at: Some(Instant::now() + left), pace }
    }

    /// Whether it is too late to start anything.
    pub fn is_near(&self) -> bool {
        self.comes_within(Duration::ZERO)
    }

    /// Whether it will be too late to start anything after this long.
    pub fn comes_within(&self, time: Duration) -> bool {
        let at_rest = self.pace.real(time + MARGIN);
        self.at.is_some_and(|at| at.saturating_duration_since(Instant::now()) <= at_rest)
    }

    /// What one call answers, `None` if it takes too long.
    pub async fn call<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        self.until(LAST_CALL, call).await
    }

    /// What everything together comes to, `None` if it takes too long.
    pub async fn all<T>(&self, everything: impl Future<Output = T>) -> Option<T> {
        self.until(LAST, everything).await
    }

    async fn until<T>(&self, before: Duration, future: impl Future<Output = T>) -> Option<T> {
        let Some(at) = self.at else { return Some(future.await) };
        let end = at.checked_sub(self.pace.real(before)).unwrap_or(at);
        tokio::time::timeout_at(end, future).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn nothing_is_started_in_its_last_seconds_and_nothing_waited_for_in_its_very_last() {
        let deadline = Deadline::after(TIME, Pace::REAL);
        let begin = Instant::now();
        assert!(!deadline.is_near());
        assert!(deadline.comes_within(TIME) && !deadline.comes_within(TIME / 2));
        tokio::time::advance(TIME - MARGIN).await;
        assert!(deadline.is_near());
        assert_eq!(deadline.call(async { 1 }).await, Some(1));
        assert_eq!(deadline.call(std::future::pending::<()>()).await, None);
        assert_eq!(begin.elapsed(), TIME - LAST_CALL);
        assert_eq!(deadline.all(std::future::pending::<()>()).await, None);
        assert_eq!(begin.elapsed(), TIME - LAST);
    }

    #[tokio::test(start_paused = true)]
    async fn scaled_time_scales_it() {
        let deadline = Deadline::after(TIME, Pace::faster(60.0));
        let begin = Instant::now();
        assert!(!deadline.is_near());
        assert_eq!(deadline.all(std::future::pending::<()>()).await, None);
        assert!(deadline.is_near() && begin.elapsed() < TIME / 60);
    }

    #[tokio::test(start_paused = true)]
    async fn that_of_lambda_is_in_real_time_and_may_have_passed() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later");
        let at = |left: Duration| u64::try_from((now + left).as_millis()).expect("it fits");
        assert!(!Deadline::of_lambda(at(TIME / 60), Pace::faster(60.0)).is_near());
        assert!(Deadline::of_lambda(at(TIME / 60), Pace::REAL).is_near());
        assert!(Deadline::of_lambda(0, Pace::REAL).is_near());
        assert_eq!(
            Deadline::of_lambda(0, Pace::REAL).all(std::future::pending::<()>()).await,
            None
        );
    }

    #[tokio::test(start_paused = true)]
    async fn never_is_never() {
        assert!(!Deadline::NEVER.comes_within(TIME * 1000));
        assert_eq!(Deadline::NEVER.all(async { 1 }).await, Some(1));
    }
}
