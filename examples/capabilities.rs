//! Prints what each service supports, as the Markdown of docs/capabilities.md.
//!
//! `cargo xtask capabilities` writes that page from this output. A program that needs to know it before a
//! call does the same: create the services and read their [`Capability`](idweave::Capability).

use idweave::{
    Ability, Error, IdentityService, Support,
    services::{Authress, DocSpace, Enhance, Ostrom},
};

fn main() -> Result<(), Error> {
    // Nothing is sent: a capability is plain data and needs no credentials.
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
    println!("- **emulated**: composed of other operations; the service's rustdoc says which.");
    println!("- **planned**: supported by the service, but not by idweave yet.");
    println!(
        "- **-**: not supported. A call is an error of kind `Unsupported` before anything is sent."
    );
    Ok(())
}

fn word(support: Support) -> String {
    match support {
        Support::Unsupported => "-".to_owned(),
        other => other.to_string(),
    }
}
