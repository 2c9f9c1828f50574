//! Refuses answers that the SDK would take for empty or shorter ones.
//!
//! The SDK reads an empty body of VPC Lattice as `{}`, and `{}` as a listing without items, though
//! the API model promises `items`. Of EC2 it reads any XML, whatever its root, and as far as it
//! goes: one that is cut off behind an item is a listing without the others. So an answer that a
//! proxy made up or cut, with status 200, would say that what is there is not.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::{Intercept, context};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// How a service writes its answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sound {
    /// As XML, whose root is named after the operation.
    Xml,
    /// As JSON, in which a listing has `items`.
    Json,
}

impl Sound {
    /// Whether this can be a whole answer to this operation.
    fn is_whole(self, operation: &str, body: &[u8]) -> bool {
        match self {
            Sound::Xml => {
                let body = body.trim_ascii_end();
                contains(body, &format!("<{operation}Response"))
                    && (body.ends_with(format!("</{operation}Response>").as_bytes())
                        || body.ends_with(b"/>"))
            }
            // Whether AWS writes the tags of what has none is not documented.
            Sound::Json if operation == "ListTagsForResource" => contains(body, "{"),
            Sound::Json => !operation.starts_with("List") || contains(body, "\"items\""),
        }
    }
}

impl Intercept for Sound {
    fn name(&self) -> &'static str {
        "Sound"
    }

    fn read_after_deserialization(
        &self,
        reply: &context::AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map(Metadata::name).unwrap_or_default();
        let body = reply.response().body().bytes().unwrap_or_default();
        match !reply.response().status().is_success() || self.is_whole(operation, body) {
            true => Ok(()),
            false => Err(format!("the answer is not a whole {operation}Response").into()),
        }
    }
}

fn contains(body: &[u8], mark: &str) -> bool {
    body.windows(mark.len()).any(|part| part == mark.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_is_known_by_its_marks() {
        for (sound, operation, body, is_sound) in [
            (Sound::Xml, "DescribeVpcs", "<DescribeVpcsResponse xmlns='x'/>", true),
            (Sound::Xml, "DescribeVpcs", "<DescribeVpcsResponse></DescribeVpcsResponse>\n", true),
            (Sound::Xml, "DescribeVpcs", "<DescribeVpcsResponse><vpcSet><item></item>", false),
            (Sound::Xml, "DescribeVpcs", "<DescribeSubnetsResponse/>", false),
            (Sound::Xml, "DescribeVpcs", "<html></html>", false),
            (Sound::Json, "ListServiceNetworks", r#"{"items": []}"#, true),
            (Sound::Json, "ListServiceNetworks", "{}", false),
            (Sound::Json, "ListServiceNetworks", "", false),
            (Sound::Json, "ListTagsForResource", "{}", true),
            (Sound::Json, "ListTagsForResource", "", false),
            (Sound::Json, "TagResource", "", true),
        ] {
            let found = sound.is_whole(operation, body.as_bytes());
            assert_eq!(found, is_sound, "{operation}: {body:?}");
        }
    }
}
