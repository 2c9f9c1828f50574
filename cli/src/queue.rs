//! A FIFO queue as SQS has them, in simulated time.
//!
//! # Guarantees
//!
//! - Messages of a group come in the order in which they were sent, and while one of them is on its
//!   way, no further one is handed out (SQS Developer Guide, "FIFO queue delivery logic"): one
//!   writer at a time (`a_group_waits_while_one_of_its_messages_is_on_its_way`).
//! - A message that is not deleted within the visibility timeout comes again, and after so many
//!   receives goes to the dead-letter queue
//!   (`what_is_not_deleted_comes_again_after_the_visibility_timeout`,
//!   `what_was_received_too_often_goes_to_the_dead_letters_and_lets_the_next_through`).
//! - The same body within five minutes is one message, if the queue deduplicates by content
//!   (`the_same_body_within_five_minutes_is_one_message`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::template::Queue;

/// The deduplication interval of SQS.
const DEDUPLICATION: SignedDuration = SignedDuration::from_mins(5);

/// A message, as it is handed out.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// What deletes it: good for the latest receive only.
    pub receipt: String,
    /// Its body.
    pub body: String,
    /// Its message group.
    pub group: String,
    /// The hash of its body.
    pub digest: String,
    /// Its place in the queue's order.
    pub sequence: u64,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it was first received.
    pub first_received: Timestamp,
    /// How often it was received.
    pub receives: u32,
    /// From when on it may be received.
    visible: Timestamp,
}

/// A FIFO queue and what has become of its messages.
#[derive(Debug)]
pub struct Fifo {
    /// As the template has it.
    pub settings: Queue,
    /// What was received too often.
    pub dead: Vec<Message>,
    messages: VecDeque<Message>,
    /// When each body was sent last.
    seen: BTreeMap<String, Timestamp>,
    sent: u64,
}

impl Fifo {
    /// An empty queue.
    pub fn new(settings: Queue) -> Fifo {
        Fifo {
            settings,
            dead: Vec::new(),
            messages: VecDeque::new(),
            seen: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Sends a message. False if it was a duplicate and is not there.
    pub fn send(&mut self, body: String, group: &str, now: Timestamp) -> bool {
        self.seen.retain(|_, sent| now.duration_since(*sent) < DEDUPLICATION);
        let digest = HEXLOWER.encode(&Sha256::digest(&body));
        if self.settings.deduplicates_by_content {
            if self.seen.contains_key(&digest) {
                return false;
            }
            self.seen.insert(digest.clone(), now);
        }
        self.sent += 1;
        let number = self.sent;
        self.messages.push_back(Message {
            id: format!("{}-{number:012x}", uuid_head(&digest)),
            receipt: String::new(),
            body,
            group: group.to_owned(),
            digest,
            sequence: 17_850_000_000_000_000_000 + number * 256,
            sent: now,
            first_received: now,
            receives: 0,
            visible: now,
        });
        true
    }

    /// Hands out up to `most` messages, of groups of which none is on its way.
    pub fn receive(&mut self, most: usize, now: Timestamp) -> Vec<Message> {
        self.bury(now);
        let mut closed: BTreeSet<String> = BTreeSet::new();
        let mut received = Vec::new();
        for message in &mut self.messages {
            if message.visible > now {
                closed.insert(message.group.clone());
            }
            if received.len() == most || closed.contains(&message.group) {
                continue;
            }
            if message.receives == 0 {
                message.first_received = now;
            }
            message.receives += 1;
            message.visible = now + self.settings.visibility;
            message.receipt = format!("{}#{}", message.id, message.receives);
            received.push(message.clone());
        }
        received
    }

    /// Deletes what was received with this receipt. An older receipt deletes nothing.
    pub fn delete(&mut self, receipt: &str) {
        self.messages.retain(|message| message.receipt != receipt);
    }

    /// How many messages are in it, on their way or not.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// What would be received once too often goes to the dead-letter queue instead.
    fn bury(&mut self, now: Timestamp) {
        let Some(redrive) = &self.settings.redrive else { return };
        let is_dead =
            |message: &Message| message.receives >= redrive.max_receives && message.visible <= now;
        let (dead, alive): (VecDeque<_>, _) = self.messages.drain(..).partition(is_dead);
        self.messages = alive;
        self.dead.extend(dead);
    }
}

/// The first parts of a UUID made of a hash.
fn uuid_head(digest: &str) -> String {
    format!("{}-{}-4{}-a{}", &digest[..8], &digest[8..12], &digest[12..15], &digest[15..18])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Redrive;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn queue() -> Fifo {
        Fifo::new(Queue {
            name: "bells.fifo".to_owned(),
            is_fifo: true,
            deduplicates_by_content: true,
            visibility: SignedDuration::from_secs(330),
            redrive: Some(Redrive { dead_letters: "Dead".to_owned(), max_receives: 2 }),
        })
    }

    fn bodies(messages: &[Message]) -> Vec<&str> {
        messages.iter().map(|message| message.body.as_str()).collect()
    }

    #[test]
    fn a_group_waits_while_one_of_its_messages_is_on_its_way() {
        let mut queue = queue();
        for (body, group) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")] {
            assert!(queue.send(body.to_owned(), group, at(0)));
        }
        let first = queue.receive(1, at(1));
        assert_eq!(bodies(&first), ["a1"]);
        assert_eq!(bodies(&queue.receive(10, at(2))), ["b1"], "group a is busy, b is not");
        assert!(queue.receive(10, at(3)).is_empty());
        queue.delete(&first[0].receipt);
        assert_eq!(bodies(&queue.receive(10, at(4))), ["a2", "a3"], "in order");
    }

    #[test]
    fn what_is_not_deleted_comes_again_after_the_visibility_timeout() {
        let mut queue = queue();
        queue.send("a".to_owned(), "g", at(0));
        let first = queue.receive(10, at(0));
        assert!(queue.receive(10, at(329)).is_empty());
        let second = queue.receive(10, at(330));
        assert_eq!(second[0].receives, 2);
        queue.delete(&first[0].receipt);
        assert_eq!(queue.len(), 1, "an old receipt deletes nothing");
        queue.delete(&second[0].receipt);
        assert!(queue.is_empty());
    }

    #[test]
    fn what_was_received_too_often_goes_to_the_dead_letters_and_lets_the_next_through() {
        let mut queue = queue();
        queue.send("bad".to_owned(), "g", at(0));
        queue.send("good".to_owned(), "g", at(0));
        assert_eq!(bodies(&queue.receive(1, at(0))), ["bad"]);
        assert_eq!(bodies(&queue.receive(1, at(330))), ["bad"]);
        assert!(queue.receive(1, at(659)).is_empty());
        assert_eq!(bodies(&queue.receive(1, at(660))), ["good"]);
        assert_eq!(bodies(&queue.dead), ["bad"]);
    }

    #[test]
    fn the_same_body_within_five_minutes_is_one_message() {
        let mut queue = queue();
        assert!(queue.send("a".to_owned(), "g", at(0)));
        assert!(!queue.send("a".to_owned(), "g", at(299)));
        assert!(queue.send("b".to_owned(), "g", at(299)));
        assert!(queue.send("a".to_owned(), "g", at(300)));
        assert_eq!(queue.len(), 3);
    }
}
