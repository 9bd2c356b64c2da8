//! Apps whose users a sign-in provider signs in. The provider here knows its users by a header.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use flowglad_core::{
    action::RequestHandler,
    adapter::Headers,
    auth::{Organization, Provider, SignIn, SignedIn, Unavailable},
    input::CustomerDetails,
};
use futures_util::{FutureExt as _, future::BoxFuture};

use crate::{App, SESSION_HEADER, Upstream, app::client};

/// Starts an adapter's app with this source at [`MOUNT`](crate::MOUNT), with the handler of [`ME`](crate::ME), and returns
/// the app's base URL.
pub type StartSignIn = fn(SignInRoutes) -> Pin<Box<dyn Future<Output = String> + Send>>;

/// What such an app has.
#[derive(Clone, Debug)]
pub struct SignInRoutes {
    /// The actions.
    pub handler: RequestHandler,
    /// Who the customer is.
    pub sign_in: SignIn,
}

/// Signs in the user whom the session header names, in the organization behind an `@`. `down` is not answered, and `panic`
/// is a mistake of it.
#[derive(Clone, Debug, Default)]
pub struct HeaderProvider {
    identified: Arc<AtomicUsize>,
    asked_for_details: Arc<AtomicUsize>,
}

impl HeaderProvider {
    /// How often it was asked who is signed in.
    #[must_use]
    pub fn identified(&self) -> usize {
        self.identified.load(SeqCst)
    }

    /// How often it was asked for name and email.
    #[must_use]
    pub fn asked_for_details(&self) -> usize {
        self.asked_for_details.load(SeqCst)
    }
}

impl Provider for HeaderProvider {
    fn identify<'a>(&'a self, headers: &dyn Headers) -> BoxFuture<'a, Result<Option<SignedIn>, Unavailable>> {
        self.identified.fetch_add(1, SeqCst);
        let session = headers.header(SESSION_HEADER).map(str::to_owned);
        async move {
            match session.as_deref() {
                None => Ok(None),
                Some("down") => Err(Unavailable::new("the key server gives no answer")),
                Some("panic") => panic!("a mistake of the provider"),
                Some(session) => Ok(Some(signed_in(session))),
            }
        }
        .boxed()
    }

    fn details<'a>(&'a self, _: &'a SignedIn) -> BoxFuture<'a, Result<CustomerDetails, Unavailable>> {
        self.asked_for_details.fetch_add(1, SeqCst);
        async { Ok(CustomerDetails::new("Ada", "ada@example.com")) }.boxed()
    }
}

fn signed_in(session: &str) -> SignedIn {
    let (id, organization) = session.split_once('@').map_or((session, None), |(id, found)| (id, Some(found)));
    let mut user = SignedIn::new(id);
    user.organization = organization.map(|id| {
        let mut organization = Organization::new(id);
        organization.role = Some(if user.id == "owner" { "owner" } else { "member" }.into());
        organization
    });
    user
}

/// Starts an app in front of a scripted upstream.
pub async fn start_app(start: StartSignIn, sign_in: SignIn, set: impl FnOnce(RequestHandler) -> RequestHandler) -> App {
    let upstream = Upstream::start().await;
    let handler = set(RequestHandler::new(client(&upstream.base_url())));
    App::at(start(SignInRoutes { handler, sign_in }).await, upstream)
}
