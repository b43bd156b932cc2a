// Who is signed in, what they may see, and what they may do there.
import { get, whole } from "./api.js";
import { createContext, useContext } from "./lib.js";

const World = createContext(null);
export const WorldIs = World.Provider;
export const useWorld = () => useContext(World);

export async function loadWorld() {
  const me = await get("/me");
  const holds = (...roles) => me.grants.some((grant) => roles.includes(grant.role));
  // One after the other: three calls at once would start one function three times.
  const msps = holds("operator", "msp_admin", "msp_viewer") ? await whole("/msps") : [];
  const orgs = msps.length || holds("operator", "org_admin", "org_viewer") ? await whole("/orgs") : [];
  return worldOf(me, orgs, msps);
}

function worldOf(me, orgs, msps) {
  const granted = (role, tenant) => me.grants.some((grant) => grant.role === role && tenant(grant));
  const operator = granted("operator", () => true);
  const partners = me.grants.filter((grant) => grant.role === "partner").map((grant) => grant.partner_id);
  const orgAdmin = (id) => granted("org_admin", (grant) => grant.org_id === id);
  return {
    me,
    orgs,
    msps,
    operator,
    partners,
    seesOrders: operator || partners.length > 0,
    /** An operator may do all but claim. */
    changes: (id) => operator || orgAdmin(id),
    claims: orgAdmin,
    claimsMsp: (id) => granted("msp_admin", (grant) => grant.msp_id === id),
    /** Where licenses and devices of `id` can be moved to. */
    targets: (id) => orgs.filter((org) => org.org_id !== id && (operator || orgAdmin(org.org_id))),
    orgName: (id) => orgs.find((org) => org.org_id === id)?.name ?? id,
    mspName: (id) => msps.find((msp) => msp.msp_id === id)?.name ?? id,
  };
}
