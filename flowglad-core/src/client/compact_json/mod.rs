//! A fast check of JSON as the API writes it: one object, without whitespace between its tokens.
//!
//! A billing document can have a megabyte, of which only the owner is read. So the check looks at 64 bytes at a time, with
//! one bit for each byte, and at single bytes only where brackets, `null`, `true` and `false` are. It never calls a text
//! JSON that is not. Of a text that it does not understand, such as one with whitespace, it says nothing: `serde_json` is
//! asked then, which also finds the place of a mistake.

#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's best instructions")]

mod bits;
mod strings;
#[cfg(test)]
mod tests;

use std::ops::Range;

use fearless_simd::{Level, dispatch, prelude::*, u8x64};

use self::{
    bits::{Carry, bits},
    strings::Strings,
};
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
