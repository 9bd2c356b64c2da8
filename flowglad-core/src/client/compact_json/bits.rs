//! One bit for each byte of a block, the first byte in the lowest bit.

/// Whether the last byte of a block was of a kind, in the lowest bit.
#[derive(Clone, Copy, Default)]
pub(super) struct Carry(pub(super) u64);

impl Carry {
    /// The bytes that come after bytes of this kind.
    #[inline(always)]
    pub(super) fn next_to(&mut self, kind: u64) -> u64 {
        let next = kind << 1 | self.0;
        self.0 = kind >> 63;
        next
    }
}

/// The numbers of the bits that are set, the lowest first.
#[inline(always)]
pub(super) fn bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        lowest
    })
}
