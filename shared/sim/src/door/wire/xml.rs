//! XML documents from JSON values: an object is child elements, an array repeats its element,
//! null is nothing.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

/// A document with this root.
pub(super) fn document(root: &str, namespace: Option<&str>, content: &Value) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    // Writing into memory cannot fail.
    let _ = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let attributes = namespace.map(|namespace| ("xmlns", namespace));
    write(&mut writer, root, attributes, content);
    writer.into_inner()
}

fn write(writer: &mut Writer<Vec<u8>>, name: &str, attribute: Option<(&str, &str)>, value: &Value) {
    let start = BytesStart::new(name).with_attributes(attribute);
    let _ = match value {
        Value::Null => return,
        Value::Array(items) => {
            return items.iter().for_each(|item| write(writer, name, attribute, item));
        }
        Value::Object(children) if children.is_empty() => writer.write_event(Event::Empty(start)),
        Value::Object(children) => {
            let _ = writer.write_event(Event::Start(start));
            children.iter().for_each(|(name, child)| write(writer, name, None, child));
            writer.write_event(Event::End(BytesEnd::new(name)))
        }
        Value::String(text) => leaf(writer, start, name, text),
        Value::Bool(_) | Value::Number(_) => leaf(writer, start, name, &value.to_string()),
    };
}

fn leaf(
    writer: &mut Writer<Vec<u8>>,
    start: BytesStart,
    name: &str,
    text: &str,
) -> std::io::Result<()> {
    writer.write_event(Event::Start(start))?;
    writer.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
    writer.write_event(Event::End(BytesEnd::new(name)))
}

/// Text as XML 1.0 can carry it. Line ends are written as references, since parsers would turn
/// them all into one kind; a character that no XML 1.0 document may have becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push('\t'),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            one => escaped.push(one),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_elements() {
        let content = json!({
            "vpcSet": {"item": [{"vpcId": "vpc-1", "isDefault": false}, {"vpcId": "vpc-2"}]},
            "tagSet": {"item": []},
            "count": 3,
            "nextToken": null,
        });
        let text = String::from_utf8(document("R", Some("urn:x"), &content)).expect("UTF-8");
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><R xmlns=\"urn:x\"><vpcSet><item>\
             <vpcId>vpc-1</vpcId><isDefault>false</isDefault></item><item><vpcId>vpc-2</vpcId>\
             </item></vpcSet><tagSet></tagSet><count>3</count></R>"
        );
    }

    #[test]
    fn text_cannot_break_out_of_its_element() {
        let content = json!({"v": "</v><w>&\"\r\n\u{1}\u{ffff}é"});
        let text = String::from_utf8(document("R", None, &content)).expect("UTF-8");
        assert!(
            text.ends_with("<v>&lt;/v&gt;&lt;w&gt;&amp;&quot;&#13;&#10;\u{fffd}\u{fffd}é</v></R>")
        );
    }
}
