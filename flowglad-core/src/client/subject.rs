//! Whom a change concerns.

/// Whom a change concerns, so that what is known of them is read anew. Unknown ids are harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// The customer with this external id.
    Customer(&'a str),
    /// The customer with this id of Flowglad's.
    CustomerId(&'a str),
    /// The customer who has the subscription with this id.
    Subscription(&'a str),
    /// All customers, for example because a price has changed.
    Everyone,
}
