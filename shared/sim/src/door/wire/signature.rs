//! Who signed a request, for which service and region (AWS Signature Version 4).
//!
//! The signature itself is not checked: nobody has a secret here.

use bytes::Bytes;
use http::{Request, header};
use percent_encoding::percent_decode_str;

/// What a signature says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// The access key id.
    pub(crate) caller: String,
    /// The region.
    pub(crate) region: String,
    /// The service's signing name.
    pub(crate) service: String,
}

impl Signature {
    /// The signature in the `Authorization` header, or else in the query of a presigned URL.
    pub(crate) fn of(request: &Request<Bytes>) -> Option<Signature> {
        let header = request.headers().get(header::AUTHORIZATION);
        if let Some(value) = header.and_then(|value| value.to_str().ok()) {
            let parameters = value.strip_prefix("AWS4-HMAC-SHA256")?;
            let credential = parameters
                .split(',')
                .find_map(|parameter| parameter.trim().strip_prefix("Credential="))?;
            return Signature::scope(credential);
        }
        let credential = request
            .uri()
            .query()?
            .split('&')
            .find_map(|parameter| parameter.strip_prefix("X-Amz-Credential="))?;
        Signature::scope(&percent_decode_str(credential).decode_utf8_lossy())
    }

    /// `AKIA…/20260102/us-east-1/ec2/aws4_request`.
    fn scope(credential: &str) -> Option<Signature> {
        let mut parts = credential.rsplitn(5, '/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let service = parts.next()?.to_owned();
        let region = parts.next()?.to_owned();
        parts.next()?;
        let caller = parts.next()?.to_owned();
        Some(Signature { caller, region, service })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_names_caller_region_and_service() {
        let request = Request::get("/")
            .header(
                header::AUTHORIZATION,
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/vpc-lattice/\
                 aws4_request, SignedHeaders=host, Signature=0",
            )
            .body(Bytes::new())
            .expect("a request");
        let signature = Signature::of(&request).expect("a signature");
        assert_eq!(signature.caller, "AKIDEXAMPLE");
        assert_eq!(signature.region, "eu-west-1");
        assert_eq!(signature.service, "vpc-lattice");
    }

    #[test]
    fn a_presigned_url_names_them_too() {
        let uri = "/?Action=GetCallerIdentity&X-Amz-Credential=AKID%2F20260102%2Fus-east-1%2Fsts\
                   %2Faws4_request";
        let request = Request::get(uri).body(Bytes::new()).expect("a request");
        assert_eq!(Signature::of(&request).map(|it| it.service).as_deref(), Some("sts"));
        let request = Request::get("/").body(Bytes::new()).expect("a request");
        assert_eq!(Signature::of(&request), None);
    }
}
