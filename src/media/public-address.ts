// Whether an IP address is one of the public internet.
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** IANA's special-purpose registry, as far as nobody's public server has such an address; multicast; the reserved rest. */
const NOT_PUBLIC_4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

/** Of what is given out at all: Teredo and other protocols, documentation, 6to4, which holds any IPv4 address. */
const NOT_PUBLIC_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** What is given out: all else is loopback, link-local, unique local, IPv4 in disguise (mapped, NAT64), multicast or reserved. */
const GIVEN_OUT_6 = ["2000::/3"];

const refused4 = listOf(NOT_PUBLIC_4, "ipv4");
const refused6 = listOf(NOT_PUBLIC_6, "ipv6");
const given6 = listOf(GIVEN_OUT_6, "ipv6");

/** False for an address of a private network, of this machine, or of nobody; and for what is no address. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !refused4.check(address, "ipv4");
  // `fe80::1%eth0`: a zone is of a link.
  if (!isIPv6(address) || address.includes("%")) return false;
  return given6.check(address, "ipv6") && !refused6.check(address, "ipv6");
}

function listOf(subnets: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = "", bits = ""] = subnet.split("/");
    list.addSubnet(net, Number(bits), family);
  }
  return list;
}
