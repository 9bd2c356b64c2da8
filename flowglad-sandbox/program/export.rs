//! Writes the pricing model of a running sandbox, or of an account.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    time::Duration,
};

use flowglad_sandbox::PricingModel;
use reqwest::{Client, Url, header::HeaderValue, redirect};
use serde_json::Value;

use crate::options::{ExportOptions, Source};

const FLOWGLAD: &str = "https://app.flowglad.com";
const TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) async fn run(options: &ExportOptions) -> Result<(), Box<dyn Error>> {
    let pricing_model = match &options.source {
        Source::Starter => PricingModel::starter_saas(),
        Source::Sandbox { base_url, api_key } => read(base_url, api_key).await?,
        Source::Account => {
            let key = env::var("FLOWGLAD_SECRET_KEY").map_err(|error| format!("FLOWGLAD_SECRET_KEY: {error}"))?;
            let base_url = env::var("FLOWGLAD_BASE_URL").unwrap_or_else(|_| FLOWGLAD.to_owned());
            read(&base_url, key.trim()).await?
        }
    };
    let json = pricing_model.to_json();
    match &options.output {
        None => writeln!(io::stdout(), "{json}").map_err(|error| format!("cannot write the pricing model: {error}"))?,
        Some(file) => {
            fs::write(file, format!("{json}\n"))
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
    }
    Ok(())
}

/// The default pricing model of the organization that the key belongs to.
async fn read(base_url: &str, api_key: &str) -> Result<PricingModel, Box<dyn Error>> {
    let api = Api::new(base_url, api_key)?;
    let default = api.get(&["default"]).await?;
    let id = default["pricingModel"]["id"].as_str().ok_or("the default pricing model has no id")?;
    let exported = api.get(&[id, "export"]).await?;
    let pricing_model = PricingModel::from_json(&exported.to_string())?;
    pricing_model.notes().iter().for_each(|note| super::notice(note));
    Ok(pricing_model)
}

struct Api {
    client: Client,
    base_url: Url,
    key: HeaderValue,
}

impl Api {
    fn new(base_url: &str, api_key: &str) -> Result<Self, Box<dyn Error>> {
        let problem = |error| format!("the address {base_url} cannot be read: {error}");
        let base_url = Url::parse(base_url.trim_end_matches('/')).map_err(problem)?;
        let mut key = HeaderValue::from_str(api_key).map_err(|_| "the key cannot be sent in a header")?;
        key.set_sensitive(true);
        // A key must not follow a redirect to another address.
        let mut client = Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT);
        if base_url.scheme() == "http" {
            // A proxy would read the key.
            client = client.no_proxy();
        }
        Ok(Self { client: client.build()?, base_url, key })
    }

    async fn get(&self, path: &[&str]) -> Result<Value, Box<dyn Error>> {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| format!("{} is no address of a server", self.base_url))?
            .pop_if_empty()
            .extend(["api", "v1", "pricing-models"])
            .extend(path);
        let response = self.client.get(url.clone()).header("authorization", self.key.clone()).send().await?;
        let status = response.status();
        let body = response.text().await?;
        if !status.is_success() {
            let beginning: String = body.trim().chars().take(300).collect();
            return Err(format!("{url} answered {status}: {}", beginning.escape_debug()).into());
        }
        serde_json::from_str(&body).map_err(|error| format!("{url} answered no JSON: {error}").into())
    }
}
