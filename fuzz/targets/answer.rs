//! What a listing of AWS answers: its first byte says which one, the rest is the answer.

#![no_main]

use std::sync::LazyLock;

use tests::hostile::{self, LISTINGS};

static WORLD: LazyLock<hostile::World> = LazyLock::new(hostile::built);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((which, body)) = bytes.split_first() else { return };
    let listing = LISTINGS[usize::from(*which) % LISTINGS.len()];
    let body = body.to_vec();
    // Whether it is read or refused, it does not panic and writes nothing.
    let _ = hostile::pass(&WORLD, listing, move |_| body.clone());
});
