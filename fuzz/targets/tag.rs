//! The value of a tag: anything.

#![no_main]

libfuzzer_sys::fuzz_target!(|value: &str| tests::hostile::tag(value));
