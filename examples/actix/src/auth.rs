//! Who signs people in (`AUTH`), and who pays (`CUSTOMER`). A real app has one of these lines.

use std::{
    env::{self, VarError},
    error::Error,
};

use flowglad_actix::flowglad_core::{
    RequestingCustomer,
    action::Action,
    auth::{AuthJs, BetterAuth, Clerk, SignIn, SignedIn, Supabase},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The claims of an organization where the provider has none of its own: the app adds them to its tokens or sessions.
const ORGANIZATION: &str = "organization";
const ROLE: &str = "organizationRole";
/// Who spends the money of an organization, in the words of the providers.
const OWNERS: [&str; 4] = ["owner", "admin", "org:owner", "org:admin"];

#[derive(Clone, Debug)]
pub(crate) struct Auth {
    by: String,
    /// `None`: the demo, whose form asks for no password.
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) organizations: bool,
}

impl Auth {
    /// Fails where a variable of the provider is missing or empty: without its secret it would let anyone in, or no one.
    pub(crate) fn from_env() -> Result<Self, Box<dyn Error>> {
        let (by, organizations) = (setting("AUTH", "demo")?, organizations()?);
        let sign_in = match &*by {
            "demo" => None,
            "clerk" => Some(SignIn::new(Clerk::from_env()?)),
            "supabase" => Some(SignIn::new(Supabase::from_env()?.organization_claim(ORGANIZATION))),
            "authjs" => Some(SignIn::new(AuthJs::from_env()?.organization_claims(ORGANIZATION, ROLE))),
            "better-auth" => Some(SignIn::new(BetterAuth::from_env()?)),
            _ => return Err(format!("AUTH must be demo, clerk, supabase, authjs or better-auth, not {by:?}").into()),
        };
        let sign_in = sign_in.map(|users| if organizations { users.organizations() } else { users });
        Ok(Self { by, sign_in, organizations })
    }

    /// What `GET /session` says, by which the page offers to sign in.
    pub(crate) fn session(&self, user: &impl Serialize) -> Value {
        json!({"user": user, "auth": self.by, "customer": if self.organizations { "organization" } else { "user" }})
    }
}

/// The user whom a provider has signed in, as the page shows them.
pub(crate) fn shown(customer: &RequestingCustomer) -> Option<Value> {
    let user = customer.user::<SignedIn>()?;
    let organization = user.organization.as_ref().map(|organization| &organization.id);
    Some(json!({"id": user.id, "name": user.name, "email": user.email, "organization": organization}))
}

/// Whether a member may do this in the name of the organization that pays. Only its owners buy, change and cancel plans, if the
/// provider says what a user is in it.
pub(crate) async fn may(action: Action, organization: RequestingCustomer) -> bool {
    use Action::{
        CheckoutSessionsCreate, CheckoutSessionsCreateActivateSubscription, CheckoutSessionsCreateAddPaymentMethod,
        SubscriptionsAdjust, SubscriptionsCancel, SubscriptionsUncancel,
    };
    let role = organization.user::<SignedIn>().and_then(|user| user.organization.as_ref()?.role.as_deref());
    match action {
        CheckoutSessionsCreate
        | CheckoutSessionsCreateActivateSubscription
        | CheckoutSessionsCreateAddPaymentMethod
        | SubscriptionsAdjust
        | SubscriptionsCancel
        | SubscriptionsUncancel => role.is_none_or(|role| OWNERS.contains(&role)),
        _ => true,
    }
}

fn organizations() -> Result<bool, String> {
    let payer = setting("CUSTOMER", "user")?;
    match &*payer {
        "user" => Ok(false),
        "organization" => Ok(true),
        _ => Err(format!("CUSTOMER must be user or organization, not {payer:?}")),
    }
}

/// Empty is not unset: it would be a demo that anyone can sign in to.
fn setting(name: &str, default: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name} is not Unicode")),
    }
}
