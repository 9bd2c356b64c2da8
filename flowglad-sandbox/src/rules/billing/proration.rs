//! Shares of amounts by time, in whole numbers.

/// A span of time, and how much of it has passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elapsed {
    passed: i64,
    length: i64,
}

impl Elapsed {
    pub(crate) fn at(now: i64, start: i64, end: i64) -> Self {
        let length = end.saturating_sub(start).max(1);
        Self { passed: now.saturating_sub(start).clamp(0, length), length }
    }

    /// How much of the time has passed: 0 at the start, 1 at the end.
    #[expect(clippy::cast_precision_loss, reason = "the share is only displayed")]
    pub(crate) fn fraction(self) -> f64 {
        self.passed as f64 / self.length as f64
    }

    /// The percentage of the time that is left.
    pub(crate) fn percent_left(self) -> f64 {
        (1.0 - self.fraction()) * 100.0
    }

    /// The part of `amount` for the time that has passed, rounded half up.
    pub(crate) fn of_passed(self, amount: i64) -> i64 {
        share(amount, self.passed, self.length)
    }

    /// The part of `amount` for the time that is left, rounded half up.
    pub(crate) fn of_left(self, amount: i64) -> i64 {
        share(amount, self.length - self.passed, self.length)
    }
}

fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let (amount, part, whole) = (i128::from(amount), i128::from(part), i128::from(whole));
    let rounded = (2 * amount * part + whole).div_euclid(2 * whole);
    i64::try_from(rounded).expect("a share is not larger than the amount it is of")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_up() {
        let half = Elapsed::at(5, 0, 10);
        assert_eq!((half.of_passed(2001), half.of_left(2001)), (1001, 1001));
    }

    #[test]
    fn times_outside_of_the_stretch_count_as_its_ends() {
        assert_eq!(Elapsed::at(-5, 0, 10).of_passed(100), 0);
        assert_eq!(Elapsed::at(50, 0, 10).of_left(100), 0);
        assert_eq!(Elapsed::at(0, 7, 7).of_left(i64::MAX), i64::MAX);
    }
}
