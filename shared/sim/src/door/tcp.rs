//! The door over TCP, for every client that is not in this process: a small HTTP/1.1 server, in
//! which one closure answers everything.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// No call to these services is longer.
const LONGEST: usize = 1024 * 1024;

/// Answers every request that comes to `listener`, forever. Dropping the future closes the
/// connections, so that a server that is gone leaves nobody waiting for an answer.
pub async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: others have to close theirs first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let answer = answer.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer.clone();
            async move {
                let (parts, body) = request.into_parts();
                let response = match Limited::new(body, LONGEST).collect().await {
                    Ok(body) => answer(Request::from_parts(parts, body.to_bytes())).await,
                    Err(_) => too_large(),
                };
                Ok::<_, Infallible>(response.map(Full::new))
            }
        });
        connections.spawn(async move {
            // A client that hangs up in the middle is its own affair.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn too_large() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Sim};
    use jiff::Timestamp;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn requests_are_answered_over_tcp() {
        let sim = Sim::new(Clock::scaled(Timestamp::UNIX_EPOCH, 1000.0), 1);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(serve(listener, move |request| {
            let sim = sim.clone();
            async move { sim.respond(&request) }
        }));
        let body = "Action=DescribeVpcs&Version=2016-11-15";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/ec2/aws4_request, \
             Signature=0\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("an answer");
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.contains("date: Thu, 01 Jan 1970 00:0"), "{response}");
        assert_eq!(response.matches("date:").count(), 1, "hyper adds none of its own");
        assert!(response.contains("<vpcSet></vpcSet>"), "{response}");
    }
}
