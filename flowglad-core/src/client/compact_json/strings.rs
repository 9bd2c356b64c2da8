//! Finds the strings of a text.

use super::bits::bits;

/// Where strings are, up to some block.
#[derive(Default)]
pub(super) struct Strings {
    /// All bits, if the last block ended within a string.
    is_within: u64,
    /// The lowest bit, if the last byte of the last block takes the next one with it.
    escaped: u64,
}

impl Strings {
    pub(super) fn is_outside(&self) -> bool {
        self.is_within == 0
    }

    /// Returns the quotes that begin or end strings, and the bytes of the strings without their closing quotes. `rest` is
    /// the text from this block on.
    #[inline(always)]
    pub(super) fn find(&mut self, rest: &[u8], quotes: u64, backslashes: u64) -> Option<(u64, u64)> {
        let is_plain = backslashes | self.escaped == 0;
        let quotes = if is_plain { quotes } else { quotes & !self.escaped_bytes(rest, backslashes)? };
        let string = odd_since(quotes) ^ self.is_within;
        self.is_within = if string >> 63 == 1 { u64::MAX } else { 0 };
        Some((quotes, string))
    }

    /// The bytes after backslashes that are not escaped themselves. A backslash outside a string counts too: it is found
    /// as a byte that must not be there.
    #[cold]
    fn escaped_bytes(&mut self, rest: &[u8], backslashes: u64) -> Option<u64> {
        let mut escaped = self.escaped;
        self.escaped = 0;
        for bit in bits(backslashes) {
            let mask = 1_u64 << bit;
            if escaped & mask != 0 {
                continue;
            }
            if !is_escape(&rest[bit + 1..]) {
                return None;
            }
            escaped |= mask << 1;
            self.escaped = mask >> 63;
        }
        Some(escaped)
    }
}

/// The bits with an odd number of ones up to and including them.
#[inline(always)]
fn odd_since(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
}

/// Whether a text begins with what may come after a backslash.
fn is_escape(rest: &[u8]) -> bool {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', digits @ ..] => digits.iter().take(4).filter(|byte| byte.is_ascii_hexdigit()).count() == 4,
        _ => false,
    }
}
