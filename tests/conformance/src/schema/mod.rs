//! JSON Schemas, taken apart until two of them can be compared.

mod branch;
mod combination;
mod kinds;
mod literal;
mod located;
mod shape;

pub use kinds::Kind;
pub use literal::Literal;

pub(crate) use branch::{Branch, OtherFields, branches};
pub(crate) use combination::{Combination, Identity};
pub(crate) use located::Located;
pub(crate) use shape::{Field, Shape};
