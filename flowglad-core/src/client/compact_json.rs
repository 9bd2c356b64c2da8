//! A fast check of JSON as the API writes it: one object, without whitespace between its tokens.
//!
//! A billing document can have a megabyte, of which only the owner is read. So the check looks at 64 bytes at a time, with
//! one bit for each byte, and at single bytes only where brackets, `null`, `true` and `false` are. It never calls a text
//! JSON that is not. Of a text that it does not understand, such as one with whitespace, it says nothing: `serde_json` is
//! asked then, which also finds the place of a mistake.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's best instructions")]

use std::ops::Range;

use fearless_simd::{Level, dispatch, prelude::*, u8x64};

use crate::client::json_depth::MAX_DEPTH;

/// Far more than any record of the API has.
const MAX_MEMBERS: usize = 64;

const BLOCK: usize = 64;

/// The members of the object, each from its key up to the end of its value. `None`: the text is not compact JSON, is
/// nested deeper than [`MAX_DEPTH`], or is not understood.
///
/// Bytes above 127 are not looked at: the text must be UTF-8.
pub(crate) fn members(json: &[u8]) -> Option<Vec<Range<usize>>> {
    dispatch!(Level::new(), simd => members_by(simd, json))
}

#[inline(always)]
fn members_by<S: Simd>(simd: S, json: &[u8]) -> Option<Vec<Range<usize>>> {
    if json.first() != Some(&b'{') {
        return None;
    }
    let mut check = Check::of(simd, json);
    let (blocks, rest) = json.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        check.block(number * BLOCK, block, u64::MAX)?;
    }
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        check.block(json.len() - rest.len(), &last, (1 << rest.len()) - 1)?;
    }
    check.is_complete().then_some(check.members)
}

/// The check of one text, up to some block.
struct Check<'a, S: Simd> {
    simd: S,
    json: &'a [u8],
    strings: Strings,
    /// The arrays and objects around the next byte, the innermost last.
    containers: Vec<Container>,
    members: Vec<Range<usize>>,
    /// Where the member begins that has not ended yet.
    member: usize,
    after: After,
    /// Whether the text between the last two quotes, which goes on in the next block, is a key.
    in_key: bool,
    /// The lowest byte at each place of the blocks so far. Compact JSON has no control characters.
    lowest: u8x64<S>,
}

#[derive(Clone, Copy, PartialEq)]
enum Container {
    Array,
    Object,
}

/// What the last byte of a block was, for the rules about neighbours.
struct After {
    open: Carry,
    colon: Carry,
    comma: Carry,
    key: Carry,
    value: Carry,
    scalar: Carry,
    digit: Carry,
    leading_zero: Carry,
}

/// Which bytes of a block are of a kind, the first byte in the lowest bit. Bytes within strings are of no kind.
struct Kinds {
    open: u64,
    close: u64,
    colon: u64,
    comma: u64,
    /// The opening and the closing quotes.
    quotes: (u64, u64),
    /// From an opening quote up to the byte before the closing one.
    string: u64,
    /// All other bytes: those of numbers, `null`, `true` and `false`, and those that must not be there.
    scalar: u64,
    digit: u64,
    zero: u64,
}

impl<'a, S: Simd> Check<'a, S> {
    #[inline(always)]
    fn of(simd: S, json: &'a [u8]) -> Self {
        Self {
            simd,
            json,
            strings: Strings::default(),
            containers: Vec::with_capacity(16),
            members: Vec::with_capacity(16),
            member: 1,
            after: After::nothing(),
            in_key: false,
            lowest: u8x64::splat(simd, b' '),
        }
    }

    /// Whether the text ended where it may end, and had no control characters.
    fn is_complete(&self) -> bool {
        self.containers.is_empty()
            && self.strings.is_outside()
            && self.lowest.simd_eq(u8x64::splat(self.simd, b' ')).all_true()
    }

    /// Checks the block that begins at `at`. `valid` has the bits of the bytes that belong to the text.
    #[inline(always)]
    fn block(&mut self, at: usize, block: &[u8; BLOCK], valid: u64) -> Option<()> {
        let kinds = self.kinds(at, block, valid)?;
        let in_object = self.nest(at, &kinds)?;
        let scalar_begin = kinds.scalar & !self.after.scalar.next_to(kinds.scalar);
        if self.breaks_a_rule(&kinds, in_object, scalar_begin) {
            return None;
        }
        for bit in bits(scalar_begin & !kinds.digit) {
            if !is_word(&self.json[at + bit..]) {
                return None;
            }
        }
        Some(())
    }

    #[inline(always)]
    fn kinds(&mut self, at: usize, block: &[u8; BLOCK], valid: u64) -> Option<Kinds> {
        let bytes = u8x64::simd_from(self.simd, *block);
        let all = |byte: u8| u8x64::splat(self.simd, byte);
        let equal = |byte| bytes.simd_eq(all(byte)).to_bitmask();
        self.lowest = self.lowest.min(bytes);
        let (quotes, string) = self.strings.find(&self.json[at..], equal(b'"'), equal(b'\\'))?;
        let outside = valid & !(string | quotes);
        // This bit is the only difference between `[` and `{`, and between `]` and `}`.
        let without_bit = bytes | all(0x20);
        let open = without_bit.simd_eq(all(b'{')).to_bitmask() & outside;
        let close = without_bit.simd_eq(all(b'}')).to_bitmask() & outside;
        let (colon, comma) = (equal(b':') & outside, equal(b',') & outside);
        let scalar = outside & !(open | close | colon | comma);
        // What is left of a digit is a number up to 9.
        let number = bytes ^ all(b'0');
        let digit = number.min(all(9)).simd_eq(number).to_bitmask() & scalar;
        let quotes = (quotes & string, quotes & !string);
        Some(Kinds { open, close, colon, comma, quotes, string, scalar, digit, zero: equal(b'0') & scalar })
    }

    /// Follows the brackets of a block, notes the members that end in it, and returns which of its bytes are directly in
    /// an object. A bracket counts to what is around it.
    #[inline(always)]
    fn nest(&mut self, at: usize, kinds: &Kinds) -> Option<u64> {
        let mut in_object = if self.is_in_object() { u64::MAX } else { 0 };
        let mut commas = kinds.comma;
        for bit in bits(kinds.open | kinds.close) {
            let (mask, position) = (1 << bit, at + bit);
            let after = !(mask | (mask - 1));
            self.end_members(at, commas & !after)?;
            commas &= after;
            if kinds.open & mask != 0 {
                self.open(position)?;
            } else {
                self.close(position)?;
            }
            in_object = if self.is_in_object() { in_object | after } else { in_object & !after };
        }
        self.end_members(at, commas)?;
        Some(in_object)
    }

    #[inline(always)]
    fn is_in_object(&self) -> bool {
        self.containers.last() == Some(&Container::Object)
    }

    #[inline(always)]
    fn open(&mut self, position: usize) -> Option<()> {
        if self.containers.len() == MAX_DEPTH {
            return None;
        }
        self.containers.push(if self.json[position] == b'{' { Container::Object } else { Container::Array });
        Some(())
    }

    #[inline(always)]
    fn close(&mut self, position: usize) -> Option<()> {
        let closed = if self.json[position] == b'}' { Container::Object } else { Container::Array };
        if self.containers.pop()? != closed {
            return None;
        }
        if !self.containers.is_empty() {
            return Some(());
        }
        if self.member < position {
            self.end_member(position)?;
        }
        // Nothing comes after the outermost object.
        (position + 1 == self.json.len()).then_some(())
    }

    #[inline(always)]
    fn end_members(&mut self, at: usize, commas: u64) -> Option<()> {
        if self.containers.len() == 1 {
            for bit in bits(commas) {
                self.end_member(at + bit)?;
            }
        }
        Some(())
    }

    #[inline(always)]
    fn end_member(&mut self, position: usize) -> Option<()> {
        self.members.push(self.member..position);
        self.member = position + 1;
        (self.members.len() <= MAX_MEMBERS).then_some(())
    }

    /// Whether two neighbours are in each other's place.
    #[inline(always)]
    fn breaks_a_rule(&mut self, kinds: &Kinds, in_object: u64, scalar_begin: u64) -> bool {
        let after_open = self.after.open.next_to(kinds.open);
        let after_colon = self.after.colon.next_to(kinds.colon);
        // Where a key or an item of an array is expected.
        let expected = after_open | self.after.comma.next_to(kinds.comma);

        let (string_begin, string_end) = kinds.quotes;
        let key_end = self.key_end(kinds.string, string_begin & expected & in_object) & string_end;
        let after_value = self.after.value.next_to(kinds.close | kinds.scalar | (string_end & !key_end));
        let value_begin = string_begin | kinds.open | scalar_begin;

        let wrong_colon = kinds.colon ^ self.after.key.next_to(key_end);
        let wrong_comma = kinds.comma & !after_value;
        let wrong_close = kinds.close & !(after_value | after_open);
        let wrong_value = value_begin & !(expected | after_colon);
        let wrong_key = value_begin & !string_begin & expected & in_object;
        let digit_after_zero = kinds.scalar & self.after.leading_zero.next_to(kinds.zero & scalar_begin);
        // Also a number with a fraction or an exponent, which the API hardly ever sends.
        let letter_after_digit = kinds.scalar & !kinds.digit & self.after.digit.next_to(kinds.digit);
        wrong_colon | wrong_comma | wrong_close | wrong_value | wrong_key | digit_after_zero | letter_after_digit != 0
    }

    /// The ends of the keys that begin at the bits `begin`. A one that is added to the first bit of a string is carried to
    /// the bit after its last.
    #[inline(always)]
    fn key_end(&mut self, string: u64, begin: u64) -> u64 {
        let (sum, first_overflow) = string.overflowing_add(begin);
        let (sum, second_overflow) = sum.overflowing_add(self.in_key.into());
        self.in_key = first_overflow || second_overflow;
        sum
    }
}

impl After {
    /// At the beginning of a text stands a value, as after a colon.
    fn nothing() -> Self {
        let no = Carry(0);
        Self { colon: Carry(1), open: no, comma: no, key: no, value: no, scalar: no, digit: no, leading_zero: no }
    }
}

/// Whether the last byte of a block was of a kind, in the lowest bit.
#[derive(Clone, Copy, Default)]
struct Carry(u64);

impl Carry {
    /// The bytes that come after bytes of this kind.
    #[inline(always)]
    fn next_to(&mut self, kind: u64) -> u64 {
        let next = kind << 1 | self.0;
        self.0 = kind >> 63;
        next
    }
}

/// Where strings are, up to some block.
#[derive(Default)]
struct Strings {
    /// All bits, if the last block ended within a string.
    is_within: u64,
    /// The lowest bit, if the last byte of the last block takes the next one with it.
    escaped: u64,
}

impl Strings {
    fn is_outside(&self) -> bool {
        self.is_within == 0
    }

    /// Returns the quotes that begin or end strings, and the bytes of the strings without their closing quotes. `rest` is
    /// the text from this block on.
    #[inline(always)]
    fn find(&mut self, rest: &[u8], quotes: u64, backslashes: u64) -> Option<(u64, u64)> {
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

/// The numbers of the bits that are set, the lowest first.
#[inline(always)]
fn bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        lowest
    })
}

/// Whether a text begins with `null`, `true`, `false` or a negative integer, and what comes after it ends it.
#[inline(always)]
fn is_word(rest: &[u8]) -> bool {
    let length = match rest.first_chunk() {
        Some(b"null" | b"true") => 4,
        Some(b"fals") if rest.get(4) == Some(&b'e') => 5,
        _ => return is_negative_integer(rest),
    };
    rest.get(length).copied().is_some_and(ends_a_value)
}

#[cold]
fn is_negative_integer(rest: &[u8]) -> bool {
    let Some(digits) = rest.strip_prefix(b"-") else { return false };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let has_leading_zero = length > 1 && digits[0] == b'0';
    length > 0 && !has_leading_zero && digits.get(length).copied().is_some_and(ends_a_value)
}

#[inline(always)]
fn ends_a_value(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']')
}

/// Whether a text begins with what may come after a backslash.
fn is_escape(rest: &[u8]) -> bool {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', digits @ ..] => digits.iter().take(4).filter(|byte| byte.is_ascii_hexdigit()).count() == 4,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;
    use crate::client::json_depth::is_too_deep;

    /// By the best instructions of this processor, and by those that every processor has.
    fn found(json: &str) -> Option<Vec<&str>> {
        let members = members(json.as_bytes());
        assert_eq!(members, dispatch!(Level::baseline(), simd => members_by(simd, json.as_bytes())), "{json}");
        members.map(|members| members.into_iter().map(|range| &json[range]).collect())
    }

    fn is_json(text: &[u8]) -> bool {
        serde_json::from_slice::<IgnoredAny>(text).is_ok() && !is_too_deep(text)
    }

    #[test]
    fn members_are_found_whatever_is_in_them() {
        assert_eq!(found("{}"), Some(vec![]));
        assert_eq!(found(r#"{"a":1}"#), Some(vec![r#""a":1"#]));
        let parts = [
            r#""a":{"b":[1,-2,{"c":null}],"d":{}}"#,
            r#""[{,:\"\\":"}],\"""#,
            r#""":[]"#,
            r#""é\u00e9":[[],[true,false],"x"]"#,
            r#""zero":0"#,
        ];
        for before in 0..130 {
            // Each part comes to lie across the borders of blocks.
            let first = format!(r#""{}":"""#, "k".repeat(before));
            let parts: Vec<&str> = [first.as_str()].into_iter().chain(parts).collect();
            assert_eq!(found(&format!("{{{}}}", parts.join(","))), Some(parts), "{before}");
        }
    }

    #[test]
    fn what_is_not_json_is_not_taken_for_it() {
        let wrong = [
            "",
            "{",
            "}",
            "{]",
            "{}}",
            "{}{}",
            "{}x",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,2}",
            "{\"a\":\"b\":1}",
            "{\"a\":[\"b\":1]}",
            "{\"a\":[1,]}",
            "{\"a\":[,1]}",
            "{\"a\":[1}]",
            "{\"a\":01}",
            "{\"a\":-}",
            "{\"a\":-01}",
            "{\"a\":1x}",
            "{\"a\":nul}",
            "{\"a\":nulll}",
            "{\"a\":true1}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\\\"}",
            "{\"a\":\"\n\"}",
            "{1:2}",
            "{null:2}",
            "{\"a\"::1}",
            "{\"a\":1,,\"b\":2}",
            "{\"a\":[]1}",
            "{\"a\":\"b\"\"c\"}",
            "{\"a\":[1\"b\"]}",
            "{\"a\":{}{}}",
            "{\"a\":1\\n}",
        ];
        for text in wrong {
            for before in [0, 40, 56, 60, 61, 62, 63] {
                let text = text.replacen('{', &format!(r#"{{"{}":0,"#, "k".repeat(before)), 1);
                assert!(!is_json(text.as_bytes()) && found(&text).is_none(), "{text}");
            }
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(found(&nested(MAX_DEPTH - 1)).is_some());
        assert_eq!(found(&nested(MAX_DEPTH)), None);
    }

    #[test]
    fn far_too_many_members_are_left_to_serde_json() {
        let object = |count: usize| format!("{{{}}}", vec![r#""a":1"#; count].join(","));
        assert_eq!(found(&object(MAX_MEMBERS)).map(|members| members.len()), Some(MAX_MEMBERS));
        assert_eq!(found(&object(MAX_MEMBERS + 1)), None);
    }

    /// JSON values without fractions, written without whitespace.
    fn value() -> impl Strategy<Value = serde_json::Value> {
        let scalar = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            prop_oneof![".{0,80}", r#"[\\"\[\]{}:,/\n\u{1}é ]{0,20}"#].prop_map(Into::into),
        ];
        scalar.prop_recursive(6, 200, 8, |inner| {
            let array = prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into);
            let object = prop::collection::hash_map(r#"[a-c"\\\[{}\]:,]{0,9}"#, inner, 0..8);
            prop_oneof![array, object.prop_map(|fields| serde_json::Map::from_iter(fields).into())]
        })
    }

    proptest! {
        #[test]
        fn every_compact_object_is_understood(fields in prop::collection::vec((".{0,40}", value()), 0..8)) {
            let parts: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key.as_str())))
                .collect();
            let text = format!("{{{}}}", parts.join(","));
            prop_assert_eq!(found(&text), Some(parts.iter().map(String::as_str).collect()));
        }

        #[test]
        fn a_changed_text_is_taken_for_json_only_if_it_is(
            value in value(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), r#"[\[\]{}:,"\\0-9a-z\- \n]{0,2}"#), 1..4),
        ) {
            let mut text = format!(r#"{{"a":{value}}}"#);
            for (at, replacement) in changes {
                let at = at.index(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                    text.replace_range(at..=at, &replacement);
                }
                if text.is_empty() {
                    return Ok(());
                }
            }
            if let Some(members) = found(&text) {
                prop_assert!(is_json(text.as_bytes()), "{}", text);
                prop_assert_eq!(format!("{{{}}}", members.join(",")), text);
            }
        }
    }
}
