//! Gates: what a customer must be entitled to, the decision about it, and its refusal.
//!
//! A [`Requirement`] is a value, made by [`feature`], [`balance`], [`paid_plan`], [`plan`], [`purchased`] or [`seat`] and
//! combined by [`and`](Requirement::and) and [`or`](Requirement::or). The adapters put one before a route, a router or
//! scope, or into an extractor; server code asks by [`CustomerScope::require`](crate::CustomerScope::require), or by
//! [`Billing::require`](crate::Billing::require) if it has the billing already.
//!
//! ```no_run
//! use flowglad_core::gate::{self, NotAdmitted};
//!
//! # async fn run(me: flowglad_core::CustomerScope) -> Result<(), NotAdmitted> {
//! let export = gate::feature("export_csv").and(gate::balance("api_calls", 3));
//! let granted = me.require(&export).await?;
//! println!("plan of {}, known for {:?}", granted.customer().name, granted.decision().age());
//! # Ok(()) }
//! ```

mod admission;
mod ask;
mod check;
mod decision;
mod refused;
mod requirement;
mod return_to;
mod settings;
mod slugs;

pub use admission::{Admission, Granted, NotAdmitted};
pub(crate) use ask::Terms;
pub use decision::{Decision, Reason};
pub use refused::Refused;
pub use requirement::{Requirement, balance, feature, paid_plan, plan, purchased, seat};
pub use return_to::ReturnTo;
pub use settings::{Gate, WhenUnknown};
pub use slugs::{Entitlement, Feature, Meter, Plan, Price, Resource};
