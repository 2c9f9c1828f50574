//! Answers with a JSON body.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

/// A response with a JSON body.
pub(crate) fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
