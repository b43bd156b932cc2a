// What differs between stacks, told by the function that serves the page.
let known;

export async function loadConfig() {
  const response = await fetch(new URL("portal/config.json", new URL(".", location.href)));
  known = await response.json();
}

export const config = () => known;
