//! Prints what each service can do, as the Markdown of docs/capabilities.md.
//!
//! `cargo xtask capabilities` writes that page from this output. A program that wants to know before it
//! asks does the same: build the services, read their [`Capability`](idweave::Capability).

use idweave::{
    Ability, Error, IdentityService, Support,
    services::{Authress, DocSpace, Enhance, Ostrom},
};

fn main() -> Result<(), Error> {
    // Nothing is sent: a capability is plain data, known before any credentials are.
    let services: [(&str, Box<dyn IdentityService>); 4] = [
        (
            "DocSpace",
            Box::new(DocSpace::new("https://portal.example")?),
        ),
        (
            "Authress",
            Box::new(Authress::new("https://login.example")?),
        ),
        ("Ostrom", Box::new(Ostrom::sandbox())),
        ("Enhance", Box::new(Enhance::new("https://panel.example")?)),
    ];

    println!("# What each service can do\n");
    println!("Written by `cargo xtask capabilities` from the code; do not edit.\n");
    println!(
        "| ability |{}",
        services
            .iter()
            .map(|(name, _)| format!(" {name} |"))
            .collect::<String>()
    );
    println!("|---|{}", "---|".repeat(services.len()));
    for ability in Ability::ALL {
        let row: String = services
            .iter()
            .map(|(_, service)| format!(" {} |", word(service.capability().get(*ability))))
            .collect();
        println!("| `{}` |{row}", ability.call());
    }
    println!();
    println!("- **native**: the service has an operation for it.");
    println!("- **emulated**: made from other operations; the service's rustdoc says from which.");
    println!("- **planned**: the service can, idweave does not offer it yet.");
    println!(
        "- **-**: the service cannot. Asking is `ErrorKind::Unsupported`, before anything is sent."
    );
    Ok(())
}

fn word(support: Support) -> String {
    match support {
        Support::Unsupported => "-".to_owned(),
        other => other.to_string(),
    }
}
