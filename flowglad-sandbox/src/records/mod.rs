//! The records that a sandbox keeps. Most are serialized as the API shows them: field names, order and nulls are those of
//! its answers. Start with `record`, which every record implements.
#![expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the API named these fields and chose their types"
)]

pub(crate) mod billing;
pub(crate) mod checkout;
pub(crate) mod customer;
pub(crate) mod discount;
pub(crate) mod event;
pub(crate) mod metadata;
pub(crate) mod money;
pub(crate) mod number;
pub(crate) mod pricing;
pub(crate) mod record;
pub(crate) mod subscription;
pub(crate) mod usage;
pub(crate) mod webhook;
