//! What a function is invoked with: any JSON, and any text in a batch of SQS.

#![no_main]

libfuzzer_sys::fuzz_target!(|body: &str| {
    if let Ok(payload) = serde_json::from_str(body) {
        tests::hostile::event(payload);
    }
    tests::hostile::event(serde_json::json!({ "Records": [{ "body": body }] }));
});
