//! The door in process: the simulated AWS as the SDK's HTTP client.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use jiff::SignedDuration;

use super::front::Delivery;
use crate::Sim;

/// How long a call is on its way before anything is done.
const LATENCY: SignedDuration = SignedDuration::from_millis(30);

impl Sim {
    /// An HTTP client for the SDK that reaches this account and nothing else. A lost answer is an
    /// error of the connection.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Door(self.clone()))
    }
}

#[derive(Clone)]
struct Door(Sim);

impl std::fmt::Debug for Door {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Door")
    }
}

impl HttpClient for Door {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sim = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = read(request).await?;
            tokio::time::sleep(sim.clock().real(LATENCY)).await;
            match sim.deliver(&request) {
                Delivery::Reply(response) => HttpResponse::try_from(response.map(SdkBody::from))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
                Delivery::Lost => Err(ConnectorError::io("the connection was reset".into())),
            }
        })
    }
}

async fn read(request: HttpRequest) -> Result<Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
    Ok(Request::from_parts(parts, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Clock, Fate};
    use jiff::Timestamp;

    fn request() -> HttpRequest {
        let request = Request::post("https://ec2.us-east-1.amazonaws.com/")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/ec2/aws4_request, Signature=0",
            )
            .body(SdkBody::from("Action=CreateVpc&CidrBlock=10.0.0.0%2F16&Version=2016-11-15"))
            .expect("a request");
        HttpRequest::try_from(request).expect("an SDK request")
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_takes_its_time_and_a_lost_reply_is_no_answer() {
        let sim = Sim::new(Clock::virtual_from(Timestamp::UNIX_EPOCH), 1);
        let door = Door(sim.clone());
        let response = door.call(request()).await.expect("a response");
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(sim.calls_since(0)[0].at, Timestamp::UNIX_EPOCH + LATENCY);
        sim.put_rule(|_: &Call, _: u64| Fate::LoseReply);
        let error = door.call(request()).await.expect_err("no answer");
        assert!(error.is_io());
        assert_eq!(sim.world(|world| world.ec2.vpcs.len()), 2, "the deed is done");
    }
}
