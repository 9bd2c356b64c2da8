//! Who is signed in, by the session or token of a sign-in provider. Feature `auth`, and one feature per provider.
//!
//! A [`Provider`] gets the headers of a request and returns who is signed in. It decides nothing about billing: the app makes
//! a customer of the [`SignedIn`] user or of the user's organization.

mod cookies;
mod provider;
mod refusal;

pub use provider::{Details, Organization, Provider, SignedIn, Unavailable};
