//! One page of a listing, with an opaque token for the next.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::kernel::{Call, Fault, Service, World};

/// A page of a listing.
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// The token for the next page, absent on the last.
    pub(crate) next: Option<String>,
}

impl World {
    /// The page of `items` after `token`, in the order of their keys, at most `size` long and
    /// no longer than [`crate::Switches::largest_page`]. A token tells where the last page
    /// ended, so what comes and goes between two pages makes nothing else appear twice or not
    /// at all. A token of another listing is refused.
    pub(crate) fn page<T>(
        &self,
        call: &Call,
        mut items: Vec<T>,
        key: impl Fn(&T) -> String,
        size: usize,
        token: Option<&str>,
    ) -> Result<Page<T>, Fault> {
        items.sort_by_cached_key(&key);
        if let Some(token) = token {
            let last = last_key(call, token)?;
            items.retain(|item| key(item) > last);
        }
        let size = size.min(self.switches.largest_page.unwrap_or(usize::MAX)).max(1);
        let is_last = items.len() <= size;
        items.truncate(size);
        let next = match items.last() {
            Some(item) if !is_last => Some(next_token(call, &key(item))),
            _ => None,
        };
        Ok(Page { items, next })
    }
}

/// Twelve hex digits that tie the key to the listing, then the key.
fn next_token(call: &Call, key: &str) -> String {
    let seal = Sha256::digest(format!("{}/{}/{key}", call.service.name(), call.action));
    format!("{}{}", HEXLOWER.encode(&seal[..6]), HEXLOWER.encode(key.as_bytes()))
}

/// The key that a token of this listing stands for.
pub(crate) fn last_key(call: &Call, token: &str) -> Result<String, Fault> {
    token
        .get(12..)
        .and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|key| next_token(call, key) == token)
        .ok_or_else(|| bad_token(call.service))
}

fn bad_token(service: Service) -> Fault {
    let message = "The pagination token is not valid or has expired.";
    match service {
        Service::Ec2 => Fault::new("InvalidPaginationToken", 400, message),
        _ => Fault::invalid(service, message),
    }
}
