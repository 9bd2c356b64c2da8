//! `/resources`: countable resources, for example seats.

use serde::Serialize;

use crate::{
    api::with_id::WithId,
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    model::{Resource, ResourceId},
};

/// Not idempotent: a retry after success fails, because the slug is taken.
pub(crate) const CREATE: Endpoint<CreateResource<'_>, Resource> =
    Endpoint::post("resources.create", "/resources").under("resource");

pub(crate) const GET: Endpoint<(), Resource> = Endpoint::get("resources.get", "/resources/{id}").under("resource");

pub(crate) const UPDATE: Endpoint<UpdateResource<'_>, Resource> =
    Endpoint::put("resources.update", "/resources/{id}").under("resource");

/// The only list of the API without pages.
pub(crate) const LIST: Endpoint<(), Vec<Resource>> = Endpoint::get("resources.list", "/resources").under("resources");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateResource<'a> {
    resource: &'a NewResource,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateResource<'a> {
    resource: WithId<'a, ResourceId, ResourceChanges>,
}

/// A resource to create.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewResource {
    /// The slug: the name used in code, unique in the pricing model.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Whether it can be granted and claimed. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl NewResource {
    /// Sets the required fields of a resource that can be granted and claimed.
    #[must_use]
    pub fn new(slug: impl Into<String>, name: impl Into<String>) -> Self {
        Self { slug: slug.into(), name: name.into(), active: None }
    }
}

/// Changes to a resource. Fields that are `None` keep their values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[derive(Default)]
pub struct ResourceChanges {
    /// The slug: the name used in code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it can be granted and claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Names a resource by its slug or its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceRef {
    /// The slug: the name used in code.
    Slug(String),
    /// Flowglad's id.
    Id(ResourceId),
}

/// Operations on countable resources, for example seats (`/resources`). Returned by [`Flowglad::resources`].
#[derive(Clone, Debug)]
pub struct Resources {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on countable resources, for example seats (`/resources`).
    #[must_use]
    pub fn resources(&self) -> Resources {
        Resources { flowglad: self.clone() }
    }
}

impl Resources {
    /// Creates a resource in the pricing model of the API key (`POST /resources`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// The API answers 500, not 409, if the slug is taken.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::NewResource;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.resources().create(&NewResource::new("seats", "Seats")).await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, resource: &NewResource) -> Result<Response<Resource>, Error> {
        self.flowglad.call(&CREATE, Call::body(&CreateResource { resource })).await
    }

    /// Reads a resource (`GET /resources/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no resource has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.resources().get(&"resource_1".parse()?).await?.slug);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &ResourceId) -> Result<Response<Resource>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Changes a resource (`PUT /resources/{id}`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::ResourceChanges;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = ResourceChanges::default();
    /// changes.name = Some("Desks".into());
    /// flowglad.resources().update(&"resource_1".parse()?, &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: &ResourceId, changes: &ResourceChanges) -> Result<Response<Resource>, Error> {
        let body = UpdateResource { resource: WithId { id, changes } };
        self.flowglad.call(&UPDATE, Call::id(id.as_str()).and_body(&body)).await
    }

    /// Lists all resources (`GET /resources`). The API returns this list without pages.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// for resource in flowglad.resources().list().await?.iter() {
    ///     println!("{}", resource.slug);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn list(&self) -> Result<Response<Vec<Resource>>, Error> {
        self.flowglad.call(&LIST, Call::empty()).await
    }
}
