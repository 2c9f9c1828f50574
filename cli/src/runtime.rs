//! The Lambda service for one function: the event source mapping that reads its queue, and the
//! Runtime API through which the function's own process asks for work.
//!
//! # Guarantees
//!
//! - An answer deletes the batch (`an_answer_deletes_the_batch`).
//! - An error, a process that dies and a timeout leave it in the queue, where it becomes visible
//!   again after the visibility timeout
//!   (`a_failed_batch_comes_again_after_the_visibility_timeout_until_it_is_given_up`,
//!   `a_process_that_died_has_failed`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::journal::{Happening, Journal};
use crate::queue::{Fifo, Message};
use crate::reply::reply;
use crate::template::Function;
use crate::{ACCOUNT, REGION};

/// How often the queue is looked at while it is empty: simulated time may have moved.
const POLL: Duration = Duration::from_millis(10);

/// How much real time a process has beyond its deadline: simulated time may be fast, but what it
/// takes to hear a process out depends on the machine.
const SLACK: Duration = Duration::from_secs(1);

/// The Lambda service for one function.
pub struct Runtime {
    /// The function, as the template has it.
    pub function: Function,
    /// How many times faster than real time the simulated time runs.
    speed: f64,
    /// The simulated time.
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    journal: Arc<Journal>,
    state: Mutex<State>,
    /// Something was sent to the queue.
    rung: Notify,
    /// The process is to be ended: its invocation took too long.
    pub(crate) overdue: Notify,
}

struct State {
    queue: Fifo,
    at_work: Option<Invocation>,
    invocations: u64,
    last: Option<Result<Value, String>>,
}

struct Invocation {
    id: String,
    batch: Vec<Message>,
    /// When its process is ended.
    end: Instant,
}

impl Runtime {
    /// The service of a function that is fed by this queue.
    pub fn new(
        function: Function,
        queue: Fifo,
        speed: f64,
        now: Box<dyn Fn() -> Timestamp + Send + Sync>,
        journal: Arc<Journal>,
    ) -> Runtime {
        let state = State { queue, at_work: None, invocations: 0, last: None };
        Runtime {
            function,
            speed,
            now,
            journal,
            state: Mutex::new(state),
            rung: Notify::new(),
            overdue: Notify::new(),
        }
    }

    /// Sends an event to the function's queue.
    pub fn send(&self, event: &Value, group: &str) {
        self.lock().queue.send(event.to_string(), group, (self.now)());
        self.rung.notify_one();
    }

    /// Whether an invocation is under way.
    pub fn is_at_work(&self) -> bool {
        self.lock().at_work.is_some()
    }

    /// Whether no invocation is under way and no message waits for one.
    pub fn is_idle(&self) -> bool {
        let state = self.lock();
        state.at_work.is_none() && state.queue.is_empty()
    }

    /// What the last invocation answered, or why it failed.
    pub fn last_outcome(&self) -> Option<Result<Value, String>> {
        self.lock().last.clone()
    }

    /// The bodies of the messages that went to the dead-letter queue.
    pub fn dead_letters(&self) -> Vec<String> {
        self.lock().queue.dead.iter().map(|message| message.body.clone()).collect()
    }

    /// Answers a request of the function's process (Lambda Developer Guide, "Using the Lambda
    /// runtime API for custom runtimes").
    pub async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                let answer = serde_json::from_slice(request.body());
                let answer = answer.map_err(|error| format!("its answer is not JSON: {error}"));
                self.finish(id, answer)
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                self.finish(id, Err(error_message(request.body())))
            }
            (&Method::POST, ["init", "error"]) => {
                let how = format!("could not start: {}", error_message(request.body()));
                let function = self.function.binary.clone();
                self.journal.note((self.now)(), Happening::Ended { function, how });
                accepted()
            }
            _ => reply(StatusCode::NOT_FOUND, r#"{"errorMessage":"no such path"}"#),
        }
    }

    /// The invocation under way has failed, if there is one.
    pub fn fail(&self, why: &str) {
        let id = self.lock().at_work.as_ref().map(|invocation| invocation.id.clone());
        if let Some(id) = id {
            self.finish(&id, Err(why.to_owned()));
        }
    }

    /// The invocation under way has failed if its time is up, as Lambda ends it, with its process.
    pub fn end_overdue(&self) {
        let end = self.lock().at_work.as_ref().map(|invocation| invocation.end);
        if end.is_some_and(|end| end <= Instant::now()) {
            let seconds = self.function.timeout.as_secs();
            self.fail(&format!("it timed out after {seconds} simulated seconds"));
            self.overdue.notify_one();
        }
    }

    async fn next(&self) -> Response<Bytes> {
        self.fail("its process asked for the next batch without an answer to this one");
        loop {
            if let Some(response) = self.take() {
                return response;
            }
            tokio::select! {
                () = self.rung.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    fn take(&self) -> Option<Response<Bytes>> {
        let now = (self.now)();
        let mut state = self.lock();
        let batch = state.queue.receive(self.function.batch_size, now);
        if batch.is_empty() {
            return None;
        }
        state.invocations += 1;
        let id = format!("{:08x}-0000-4000-8000-{:012x}", now.as_second(), state.invocations);
        let timeout = self.function.timeout.unsigned_abs().div_f64(self.speed);
        let event = batch_event(&batch, &state.queue.settings.name);
        let bells = batch.len();
        state.at_work =
            Some(Invocation { id: id.clone(), batch, end: Instant::now() + timeout + SLACK });
        drop(state);
        let function = self.function.binary.clone();
        self.journal.note(now, Happening::Started { function, bells });
        Some(self.invocation(&id, timeout, &event))
    }

    /// The headers without which `lambda_runtime` does not start an invocation. The deadline is
    /// in real time, which is what the process measures.
    fn invocation(&self, id: &str, timeout: Duration, event: &Value) -> Response<Bytes> {
        let deadline = (SystemTime::now() + timeout).duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = &self.function.name;
        let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}");
        let mut response = reply(StatusCode::OK, event.to_string());
        for (header, value) in [
            ("lambda-runtime-aws-request-id", id.to_owned()),
            ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
            ("lambda-runtime-invoked-function-arn", arn),
            ("lambda-runtime-trace-id", format!("Root=1-{}-{:024}", &id[..8], 0)),
        ] {
            let value = HeaderValue::from_str(&value).expect("ids and names are plain text");
            response.headers_mut().insert(header, value);
        }
        response
    }

    fn finish(&self, id: &str, outcome: Result<Value, String>) -> Response<Bytes> {
        let mut state = self.lock();
        let Some(invocation) = state.at_work.take_if(|invocation| invocation.id == id) else {
            return reply(StatusCode::BAD_REQUEST, r#"{"errorMessage":"no such invocation"}"#);
        };
        if outcome.is_ok() {
            for message in &invocation.batch {
                state.queue.delete(&message.receipt);
            }
        }
        state.last = Some(outcome.clone());
        drop(state);
        let function = self.function.binary.clone();
        self.journal.note((self.now)(), Happening::Finished { function, outcome });
        accepted()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accepted() -> Response<Bytes> {
    reply(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
}

/// What a function says of its error.
fn error_message(body: &[u8]) -> String {
    let error: Value = serde_json::from_slice(body).unwrap_or_default();
    match error["errorMessage"].as_str() {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(body).into_owned(),
    }
}

/// The event by which an event source mapping hands a batch to a function.
fn batch_event(batch: &[Message], queue: &str) -> Value {
    let records: Vec<Value> = batch.iter().map(|message| record(message, queue)).collect();
    json!({ "Records": records })
}

fn record(message: &Message, queue: &str) -> Value {
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent.as_millisecond().to_string(),
            "SequenceNumber": message.sequence.to_string(),
            "MessageGroupId": message.group,
            "SenderId": "AIDAIEXAMPLEEVENTBRIDGE",
            "MessageDeduplicationId": message.digest,
            "ApproximateFirstReceiveTimestamp": message.first_received.as_millisecond().to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        "awsRegion": REGION,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::template::Template;

    /// The service of `connect-vpc`, and the simulated time in seconds.
    fn runtime() -> (Arc<Runtime>, Arc<AtomicI64>) {
        let template = Template::built_in(&BTreeMap::new()).expect("it can be read");
        let function = template.function("connect-vpc").expect("there is one").clone();
        let queue = Fifo::new(template.queues[&function.queue].clone());
        let seconds = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&seconds);
        let now = move || Timestamp::from_second(clock.load(Ordering::Relaxed)).expect("a time");
        let journal = Arc::new(Journal::default());
        (Arc::new(Runtime::new(function, queue, 60.0, Box::new(now), journal)), seconds)
    }

    async fn ask(
        runtime: &Arc<Runtime>,
        method: Method,
        path: &str,
        body: &str,
    ) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("/2018-06-01/runtime/{path}"))
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .expect("it is a request");
        Arc::clone(runtime).answer(request).await
    }

    /// Asks for work: the invocation's id and its event.
    async fn next(runtime: &Arc<Runtime>) -> (String, Value) {
        let response = ask(runtime, Method::GET, "invocation/next", "").await;
        let id = response.headers()["lambda-runtime-aws-request-id"].to_str().expect("text");
        (id.to_owned(), serde_json::from_slice(response.body()).expect("an event"))
    }

    #[tokio::test]
    async fn an_answer_deletes_the_batch() {
        let (runtime, _) = runtime();
        runtime.send(&json!({"id": "1"}), "bells");
        runtime.send(&json!({"id": "2"}), "bells");
        let (id, event) = next(&runtime).await;
        let bodies: Vec<_> = event["Records"].as_array().expect("records").iter().collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(bodies[0]["body"], r#"{"id":"1"}"#);
        assert_eq!(bodies[0]["attributes"]["MessageGroupId"], "bells");
        assert!(runtime.is_at_work());
        let path = format!("invocation/{id}/response");
        assert_eq!(ask(&runtime, Method::POST, &path, "{}").await.status(), 202);
        assert!(runtime.is_idle());
        assert_eq!(runtime.last_outcome(), Some(Ok(json!({}))));
        assert_eq!(ask(&runtime, Method::POST, &path, "{}").await.status(), 400);
    }

    #[tokio::test]
    async fn a_failed_batch_comes_again_after_the_visibility_timeout_until_it_is_given_up() {
        let (runtime, seconds) = runtime();
        runtime.send(&json!({"id": "1"}), "bells");
        for attempt in 1..=5 {
            let (id, event) = next(&runtime).await;
            let receives = &event["Records"][0]["attributes"]["ApproximateReceiveCount"];
            assert_eq!(receives, &attempt.to_string());
            let error = r#"{"errorType": "Unavailable", "errorMessage": "AWS is away"}"#;
            ask(&runtime, Method::POST, &format!("invocation/{id}/error"), error).await;
            assert_eq!(runtime.last_outcome(), Some(Err("AWS is away".to_owned())));
            assert!(!runtime.is_at_work() && !runtime.is_idle());
            assert!(runtime.take().is_none(), "it is not visible yet");
            seconds.fetch_add(330, Ordering::Relaxed);
        }
        assert!(runtime.take().is_none());
        assert_eq!(runtime.dead_letters(), [r#"{"id":"1"}"#]);
        assert!(runtime.is_idle());
    }

    #[tokio::test]
    async fn a_process_that_died_has_failed() {
        let (runtime, seconds) = runtime();
        runtime.send(&json!({"id": "1"}), "bells");
        let (first, _) = next(&runtime).await;
        runtime.fail("its process ended");
        assert!(matches!(runtime.last_outcome(), Some(Err(_))));
        seconds.fetch_add(330, Ordering::Relaxed);
        let (second, _) = next(&runtime).await;
        assert_ne!(first, second);
        let late = format!("invocation/{first}/response");
        assert_eq!(ask(&runtime, Method::POST, &late, "{}").await.status(), 400);
        assert!(runtime.is_at_work(), "an answer to an invocation that is over ends no other");
    }
}
