//! A client that knows as little as can be: one request a connection.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A client of what answers at a port of this machine.
pub(crate) struct Client {
    port: u16,
}

impl Client {
    /// A client of this port.
    pub(crate) fn new(port: u16) -> Client {
        Client { port }
    }

    /// Posts a form to an AWS service; the status and the body of the answer.
    pub(crate) fn post(&self, service: &str, body: &str) -> (u16, String) {
        self.send("POST", "/", service, body)
    }

    /// The JSON that is found at a path.
    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, "vpc-lattice", "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    /// What is answered to any request: the status and the body.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        service: &str,
        body: &str,
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let scope = format!("person/20261124/us-east-1/{service}/aws4_request");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, \
             Signature=any\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("it takes a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }
}

/// The form of a call: its members, and one more.
pub(crate) fn form(
    action: &str,
    version: &str,
    members: &[(&str, &str)],
    last: (&str, &str),
) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(members).append_pair(last.0, last.1).finish()
}
