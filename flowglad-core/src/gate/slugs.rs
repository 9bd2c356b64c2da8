//! Slugs as types, so that an app writes each of them once.

use crate::gate::requirement::{Requirement, feature};

/// A toggle feature of the app's pricing model, as a type. Declare it with [`feature!`](crate::feature).
pub trait Feature {
    /// Its slug.
    const SLUG: &'static str;
}

/// A usage meter of the app's pricing model, as a type. Declare it with [`meter!`](crate::meter).
pub trait Meter {
    /// Its slug.
    const SLUG: &'static str;
}

/// A product of the app's pricing model to which customers subscribe, as a type. Declare it with [`plan!`](crate::plan).
pub trait Plan {
    /// The slug of the product.
    const SLUG: &'static str;
}

/// A price of the app's pricing model, as a type. Declare it with [`price!`](crate::price).
pub trait Price {
    /// Its slug.
    const SLUG: &'static str;
}

/// A resource of the app's pricing model, as a type. Declare it with [`resource!`](crate::resource).
pub trait Resource {
    /// Its slug.
    const SLUG: &'static str;
}

/// What a type requires of a customer: for the extractor `Entitled<E>` of the adapters, and for their gates.
///
/// Features and plans implement it. Implement it yourself for a combination:
///
/// ```
/// use flowglad_core::gate::{self, Entitlement, Requirement};
///
/// struct LongReport;
///
/// impl Entitlement for LongReport {
///     fn requirement() -> Requirement {
///         gate::plan("pro").and(gate::balance("pages", 100))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it requires of a customer",
    note = "declare a feature by `flowglad_core::feature!(pub ExportCsv = \"export_csv\");`, a plan by `plan!`, or implement `Entitlement`"
)]
pub trait Entitlement {
    /// What is required.
    fn requirement() -> Requirement;
}

impl<F: Feature> Entitlement for F {
    fn requirement() -> Requirement {
        feature(F::SLUG)
    }
}

/// Declares toggle features as types.
///
/// ```
/// use flowglad_core::gate::{Entitlement as _, Feature as _};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// assert_eq!(ExportCsv::SLUG, "export_csv");
/// let requirement = ExportCsv::requirement();
/// ```
#[macro_export(local_inner_macros)]
macro_rules! feature {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal);+ $(;)?) => { $(
        __slug!($(#[$doc])* $visibility $name = $slug, Feature, "The feature");
    )+ };
}

/// Declares usage meters as types.
///
/// ```
/// use flowglad_core::gate::{self, Meter as _};
///
/// flowglad_core::meter!(pub ApiCalls = "api_calls");
///
/// let requirement = gate::balance(ApiCalls::SLUG, 3);
/// ```
#[macro_export(local_inner_macros)]
macro_rules! meter {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal);+ $(;)?) => { $(
        __slug!($(#[$doc])* $visibility $name = $slug, Meter, "The usage meter");
    )+ };
}

/// Declares plans as types, by the slugs of their products.
///
/// ```
/// use flowglad_core::gate::Entitlement as _;
///
/// flowglad_core::plan! {
///     /// For teams.
///     pub Pro = "pro";
///     pub Enterprise = "enterprise";
/// }
///
/// let requirement = Pro::requirement().or(Enterprise::requirement());
/// ```
#[macro_export(local_inner_macros)]
macro_rules! plan {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal);+ $(;)?) => { $(
        __slug!($(#[$doc])* $visibility $name = $slug, Plan, "The plan");

        impl $crate::gate::Entitlement for $name {
            fn requirement() -> $crate::gate::Requirement {
                $crate::gate::plan(<Self as $crate::gate::Plan>::SLUG)
            }
        }
    )+ };
}

/// Declares prices as types.
///
/// ```
/// use flowglad_core::{Billing, gate::Price as _};
///
/// flowglad_core::price!(pub ProMonthly = "pro_monthly");
///
/// fn amount(billing: &Billing) -> Option<i64> {
///     billing.get_price(ProMonthly::SLUG).map(|price| price.unit_price)
/// }
/// ```
#[macro_export(local_inner_macros)]
macro_rules! price {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal);+ $(;)?) => { $(
        __slug!($(#[$doc])* $visibility $name = $slug, Price, "The price");
    )+ };
}

/// Declares resources as types.
///
/// ```
/// use flowglad_core::gate::Resource as _;
///
/// flowglad_core::resource!(pub Seats = "seats");
///
/// assert_eq!(Seats::SLUG, "seats");
/// ```
#[macro_export(local_inner_macros)]
macro_rules! resource {
    ($($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal);+ $(;)?) => { $(
        __slug!($(#[$doc])* $visibility $name = $slug, Resource, "The resource");
    )+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __slug {
    ($(#[$doc:meta])* $visibility:vis $name:ident = $slug:literal, $kind:ident, $article:literal) => {
        #[doc = concat!($article, " `", $slug, "`.")]
        #[doc = ""]
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility struct $name;

        impl $crate::gate::$kind for $name {
            const SLUG: &'static str = {
                assert!(!$slug.is_empty(), "a slug must not be empty");
                $slug
            };
        }
    };
}
