//! The whole account, as calls and time reach it.
//!
//! What goes against the stream (a database is gone, a network carries something else) is news
//! that the service below leaves behind, and that is carried up to the one above from here.

use derive_more::{AsMut, Deref, DerefMut};
use jiff::Timestamp;
use serde_json::Value;

use crate::kernel::{self, Call, Fault, Service, call, shape};
use crate::ssm::{self, Parameters};
use crate::{ec2, events, lattice, privatelink, rds, sts};

/// One account in one region: cheap to make, to copy and to replay.
///
/// # Guarantees
///
/// - The same seed, calls and times give the same world, to the last id
///   (`one_history_makes_one_world`).
/// - No call makes it panic, however wrong (`no_call_makes_the_simulated_aws_panic`).
#[derive(AsMut, Clone, Debug, Deref, DerefMut)]
pub struct World {
    #[as_mut(forward)]
    #[deref]
    #[deref_mut]
    below: lattice::World,
    /// The parameters of Systems Manager, which stand on nothing.
    pub(crate) parameters: Parameters,
}

impl World {
    /// An empty world at this time. The seed decides every id.
    pub fn new(region: &str, now: Timestamp, seed: u64) -> World {
        let below = lattice::World::new(kernel::World::new(region, now, seed));
        World { below, parameters: Parameters::default() }
    }

    /// Answers one call, at the present time.
    ///
    /// # Errors
    ///
    /// What the service refuses.
    pub fn answer(&mut self, call: &Call) -> Result<Value, Fault> {
        self.throttle(call)?;
        shape::check(shapes(call.service), call)?;
        self.version += u64::from(call::is_write(&call.action));
        let answer = match call.service {
            Service::Ec2 => ec2::in_earnest(call).and_then(|call| {
                let answer = privatelink::answer(self, &call);
                answer.unwrap_or_else(|| ec2::answer(self, &call))
            }),
            Service::Rds => rds::answer(self, call),
            Service::Lattice => lattice::answer(self, call),
            Service::Events => events::answer(self, call),
            Service::Ssm => ssm::answer(self, call),
            Service::Sts => sts::answer(self, call),
        };
        self.carry_news();
        answer
    }

    /// Everything that was due until `to` has happened, in order, each at its own time.
    pub fn advance_to(&mut self, to: Timestamp) {
        while let Some((service, id)) = self.next_until(to) {
            match service {
                Service::Ec2 if privatelink::ripen(self, &id) => {}
                Service::Ec2 => ec2::ripen(self, &id),
                Service::Rds => rds::ripen(self, &id),
                Service::Lattice => lattice::ripen(self, &id),
                Service::Events | Service::Ssm | Service::Sts => {}
            }
            self.carry_news();
        }
    }

    /// Each service learns what has changed in the one below it.
    fn carry_news(&mut self) {
        for database in self.rds.take_news() {
            lattice::database_gone(self, &database);
        }
        for network in self.lattice.take_news() {
            privatelink::network_changed(self, &network);
        }
    }
}

/// The inputs of a service's operations. Each entry of an event is judged by itself, and who calls
/// is no question of form.
pub(crate) fn shapes(service: Service) -> &'static [shape::Shapes] {
    match service {
        Service::Ec2 => ec2::SHAPES,
        Service::Rds => rds::SHAPES,
        Service::Lattice => lattice::SHAPES,
        Service::Events | Service::Ssm | Service::Sts => &[],
    }
}
