//! What is sold: products, prices and features of a pricing model, one by one or as a whole setup document.
//!
//! Start with `pricing_model`, which finds and shows what is there; `setup` makes a whole model, `replacement` changes one.

pub(crate) mod export;
pub(crate) mod prices;
pub(crate) mod pricing_model;
pub(crate) mod product_features;
pub(crate) mod products;
pub(crate) mod replacement;
pub(crate) mod setup;
pub(crate) mod setup_check;
pub(crate) mod setup_form;
