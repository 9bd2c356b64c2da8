//! Requests per second of a gated route beside an open one: the same handler in the same app.

use crate::{
    Failure,
    document::Size,
    load::{self, USER_HEADER},
    pass_through::{FRAMEWORKS, Settings, median, this_program},
    process::Server,
    say,
};

pub(super) fn run(api_url: &str, settings: &Settings) -> Result<(), Failure> {
    say(&format!(
        "\na gated route beside an open one, {} connections, a customer each, {} rounds of {} s, medians\n",
        settings.connections, settings.rounds, settings.seconds
    ));
    say("| framework | open, requests/s | gated, requests/s | gated / open |");
    say("| --- | --- | --- | --- |");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for framework in FRAMEWORKS {
        let server = Server::start(framework, this_program(&["serve", &format!("gated-{framework}"), api_url])?)?;
        let (open, gated) = runtime.block_on(measure(&server, settings))?;
        say(&format!("| {framework} | {open:.0} | {gated:.0} | {:.2} |", gated / open));
    }
    Ok(())
}

/// The rounds of both routes take turns, so that a machine that slows down slows both down.
async fn measure(server: &Server, settings: &Settings) -> Result<(f64, f64), Failure> {
    let (open, gated) = (requests("/open", settings.connections), requests("/gated", settings.connections));
    // Fills the cache and warms both up.
    for requests in [&open, &gated] {
        load::run(&server.address, requests, 1).await?;
    }
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..settings.rounds {
        for (requests, rates) in [&open, &gated].into_iter().zip(&mut rates) {
            let responses = load::run(&server.address, requests, settings.seconds).await?;
            #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
            rates.push(responses as f64 / settings.seconds as f64);
        }
    }
    let [open, gated] = rates.map(|rates| median(rates.into_iter()));
    Ok((open, gated))
}

fn requests(path: &str, connections: usize) -> Vec<String> {
    let request = |number| {
        let customer = Size::Small.customer(number);
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{USER_HEADER}: {customer}\r\n\r\n")
    };
    (0..connections).map(request).collect()
}
