//! The picture of what is connected with what, read from the account itself.

use std::fmt::Write;

use serde_json::Value;

use crate::look::{Look, Thing};

/// Columns of a box, without its borders.
const WIDE: usize = 40;
/// Columns between the two boxes.
const BETWEEN: usize = 18;

/// The way from a consumer VPC to a database, as far as it is there.
struct Way<'a> {
    look: &'a Look,
    database: &'a Thing,
    database_groups: Vec<&'a Thing>,
    gateway: Option<&'a Thing>,
    gateway_groups: Vec<&'a Thing>,
    configuration: Option<&'a Thing>,
    network: Option<&'a Thing>,
    endpoint: Option<&'a Thing>,
    endpoint_groups: Vec<&'a Thing>,
    client: Option<&'a Thing>,
    link: Option<&'a Thing>,
}

/// The picture, the groups with their rules, the names, and what to type.
pub(crate) fn picture(look: &Look, database: &str, client: &str) -> String {
    let Some(database) = look.find("database", database) else { return String::new() };
    let way = Way::find(look, database, client);
    [way.boxes(), way.groups(), way.names()].join("\n")
}

impl<'a> Way<'a> {
    fn find(look: &'a Look, database: &'a Thing, client: &str) -> Way<'a> {
        let address = database.text("/Endpoint/Address");
        let link = look.of("link").find(|it| it.text("/privateDnsEntry/dnsName") == address);
        let link_to = |kind: &'static str, pointer: &str| {
            let arn = link.map(|it| it.text(pointer));
            look.of(kind).find(|it| Some(it.text("/arn")) == arn)
        };
        let configuration = link_to("configuration", "/resourceConfigurationGroupArn");
        let gateway =
            configuration.and_then(|it| look.find("gateway", it.text("/resourceGatewayId")));
        let endpoint = link.and_then(|it| look.find("endpoint", it.text("/vpcEndpointId")));
        let memberships = "/VpcSecurityGroups/VpcSecurityGroupMembership";
        Way {
            look,
            database,
            database_groups: groups(look, Some(database), memberships, "/VpcSecurityGroupId"),
            gateway,
            gateway_groups: groups(look, gateway, "/securityGroupIds", ""),
            configuration,
            network: link_to("network", "/serviceNetworkArn"),
            endpoint,
            endpoint_groups: groups(look, endpoint, "/groupSet/item", "/groupId"),
            client: look.find("group", client),
            link,
        }
    }

    fn boxes(&self) -> String {
        let vpc = |id: &str| self.look.find("vpc", id).map_or("", |vpc| vpc.text("/cidrBlock"));
        let consumer = self.client.map_or("", |group| group.text("/vpcId"));
        let provider = self.database.text("/DBSubnetGroup/VpcId");
        let port = &self.database.shown["Endpoint"]["Port"];
        let network = self.network.map_or("-", |network| network.name.as_str());
        let rows = [
            (
                format!("consumer VPC, {}", vpc(consumer)),
                String::new(),
                format!("provider VPC, {}", vpc(provider)),
            ),
            (consumer.to_owned(), String::new(), provider.to_owned()),
            (String::new(), String::new(), format!("database        {}", self.database.id)),
            (
                format!("client group    {}", id(self.client)),
                String::new(),
                format!("database group  {}", first(&self.database_groups)),
            ),
            (format!("     │ tcp {port}"), String::new(), format!("     ▲ tcp {port}")),
            ("     ▼".to_owned(), "service network".to_owned(), "     │".to_owned()),
            (
                format!("endpoint group  {}", first(&self.endpoint_groups)),
                network.to_owned(),
                format!("gateway group   {}", first(&self.gateway_groups)),
            ),
            (
                format!("endpoint        {}", id(self.endpoint)),
                "────────────────►".to_owned(),
                format!("gateway         {}", id(self.gateway)),
            ),
        ];
        let edge = "─".repeat(WIDE + 2);
        let gap = " ".repeat(BETWEEN);
        let mut out = format!("┌{edge}┐{gap}┌{edge}┐\n");
        for (left, between, right) in rows {
            let _ = writeln!(out, "│ {left:WIDE$} │{between:^BETWEEN$}│ {right:WIDE$} │");
        }
        let _ = writeln!(out, "└{edge}┘{gap}└{edge}┘");
        let configuration = id(self.configuration);
        let _ =
            writeln!(out, "The configuration {configuration} binds the database to the network.");
        out
    }

    /// The four groups, in the order in which a packet meets them, and their rules.
    fn groups(&self) -> String {
        let mut out = String::from("Security groups and their rules\n");
        let client: Vec<&Thing> = self.client.into_iter().collect();
        for (what, groups) in [
            ("client", &client),
            ("endpoint", &self.endpoint_groups),
            ("gateway", &self.gateway_groups),
            ("database", &self.database_groups),
        ] {
            for group in groups {
                let _ = writeln!(out, "  {what:9} {} ({})", group.id, group.name);
                for rule in self.look.of("rule").filter(|it| it.text("/groupId") == group.id) {
                    let _ = writeln!(out, "            {}", self.rule(rule));
                }
            }
        }
        out
    }

    fn rule(&self, rule: &Thing) -> String {
        let peers = ["/referencedGroupInfo/groupId", "/cidrIpv4", "/cidrIpv6", "/prefixListId"];
        let peer = peers.iter().map(|it| rule.text(it)).find(|peer| !peer.is_empty());
        let peer = peer.unwrap_or_default();
        let name = self.look.find("group", peer).map(|group| format!(" ({})", group.name));
        let what = match rule.text("/ipProtocol") {
            "-1" => "everything".to_owned(),
            protocol => format!("{protocol} {}", rule.shown["fromPort"]),
        };
        let way = if rule.shown["isEgress"] == true { "out to" } else { "in from" };
        let whose = if rule.is_ours() { ", made by Trellis" } else { "" };
        format!("{what} {way} {peer}{}{whose}", name.unwrap_or_default())
    }

    fn names(&self) -> String {
        let own = self.database.text("/Endpoint/Address");
        let endpoint = self.link.map_or("", |link| link.text("/dnsEntry/dnsName"));
        let port = &self.database.shown["Endpoint"]["Port"];
        let user = self.database.text("/MasterUsername");
        let name = match self.database.text("/DBName") {
            "" => "postgres",
            name => name,
        };
        let psql = |host: &str, mode: &str| {
            format!("psql \"host={host} port={port} user={user} dbname={name} sslmode={mode}\"")
        };
        let verified = "verify-full sslrootcert=global-bundle.pem";
        format!(
            "From any member of the client group\n  \
             by the database's own name, through private DNS:\n    {}\n  \
             by the endpoint's name, which the database's certificate does not carry:\n    {}\n",
            psql(own, verified),
            psql(endpoint, "require")
        )
    }
}

/// The groups of a thing: `list` is where they are in its listing, `member` where the id is.
fn groups<'a>(look: &'a Look, thing: Option<&Thing>, list: &str, member: &str) -> Vec<&'a Thing> {
    let list = thing.and_then(|it| it.shown.pointer(list)).and_then(Value::as_array);
    let ids = list.into_iter().flatten().filter_map(|group| group.pointer(member)?.as_str());
    ids.filter_map(|id| look.find("group", id)).collect()
}

fn id(thing: Option<&Thing>) -> &str {
    thing.map_or("", |thing| thing.id.as_str())
}

fn first<'a>(groups: &[&'a Thing]) -> &'a str {
    id(groups.first().copied())
}
