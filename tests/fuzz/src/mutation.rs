//! Changes inputs: as bytes, and as the pieces that JSON is made of.

use fastrand::Rng;

/// Pieces that lead readers of JSON, and of the headers of webhooks, astray.
const PIECES: [&str; 42] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "9007199254740993",
    "\"\"",
    "{}",
    "[]",
    "\\u0000",
    "\\ud800",
    "\\u0063ustomer",
    "\"customer\":",
    "\"externalId\":",
    "\"externalId\":\"bob\",",
    "\"externalId\":\"user_42\",",
    "\"customer\":{\"externalId\":\"bob\"},",
    "\"user_42\"",
    "\"bob\"",
    "\"id\":",
    "\"error\":",
    "\"code\":",
    "\"message\":",
    "\"request_id\":",
    "\u{feff}",
    "\u{2028}",
    "\n",
    "[[[[[[[[",
    "v1,",
    " v1,",
    "svix-",
    "webhook-",
    "\nsvix-id: msg_9\n",
    "\n\n",
];

/// The longest input, so that an hour is many inputs.
const LONGEST: usize = 16 * 1024;

/// Changes an input at one to four places. `other` is a second input, from which parts are taken.
#[must_use]
pub fn mutate(random: &mut Rng, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..random.usize(1..=4) {
        change(random, &mut bytes, other);
    }
    bytes.truncate(LONGEST);
    bytes
}

fn change(random: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let (start, end) = range(random, bytes);
    match random.u8(0..9) {
        0 => bytes.truncate(start),
        1 => drop(bytes.drain(start..end)),
        2 => insert(bytes, start, random.choice(PIECES).unwrap_or_default().as_bytes()),
        3 => drop(bytes.splice(start..end, random.choice(PIECES).unwrap_or_default().bytes())),
        4 => {
            let copy = bytes[start..end].to_vec();
            insert(bytes, range(random, bytes).0, &copy);
        }
        5 => {
            let (from, to) = range(random, other);
            insert(bytes, start, &other[from..to]);
        }
        6 => nest(random, bytes, start, end),
        7 => copy_field(random, bytes),
        _ => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte ^= 1 << random.u8(0..8);
            }
        }
    }
}

/// A part of the bytes, mostly a short one that begins and ends where a piece of JSON does.
fn range(random: &mut Rng, bytes: &[u8]) -> (usize, usize) {
    let start = boundary(random, bytes);
    let length = if random.u8(0..4) == 0 { random.usize(0..=bytes.len()) } else { random.usize(0..=40) };
    (start, (start + length).min(bytes.len()))
}

fn boundary(random: &mut Rng, bytes: &[u8]) -> usize {
    let at = random.usize(0..=bytes.len());
    let next = bytes[at..].iter().position(|byte| b"{}[],:\"".contains(byte));
    if random.bool() { at + next.unwrap_or(0) } else { at }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

fn nest(random: &mut Rng, bytes: &mut Vec<u8>, start: usize, end: usize) {
    let levels = *random.choice(&[1_usize, 2, 100, 127, 128, 511, 512, 513, 2_000]).unwrap_or(&1);
    insert(bytes, end, &vec![b']'; levels]);
    insert(bytes, start, &vec![b'['; levels]);
}

/// Writes one field of the text a second time, somewhere between two others.
fn copy_field(random: &mut Rng, bytes: &mut Vec<u8>) {
    let starts: Vec<usize> = (0..bytes.len().saturating_sub(1)).filter(|&at| b"{,".contains(&bytes[at])).collect();
    let (Some(&from), Some(&to)) = (random.choice(&starts), random.choice(&starts)) else { return };
    let field = &bytes[from + 1..];
    let length = field.iter().position(|byte| b",}".contains(byte)).unwrap_or(field.len());
    let copy = [&field[..length], b","].concat();
    insert(bytes, to + 1, &copy);
}
