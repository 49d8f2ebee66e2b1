/** What every TypeScript client does with a help desk: look around, list, create, read back. */

const subject = process.env.MCP_SUBJECT;

export const bearer = { Authorization: `Bearer ${process.env.MCP_TOKEN ?? ""}` };

/** Print one JSON line; `client` is connected and of whatever version of the SDK is driven. */
export async function travel(client, version) {
  const { tools } = await client.listTools();
  const call = async (name, args) => words(await client.callTool({ name, arguments: args }));
  const listed = await call("list_tickets", { page_size: 2 });
  const draft = { subject, description: subject, queue: "IT Support" };
  const created = await call("create_ticket", draft);
  const id = created.match(/ticket_id\W+([\w-]+)/)?.[1];
  const ticket = await call("get_ticket", { ticket_id: id });
  const ok = listed !== "" && ticket.includes(subject);
  console.log(JSON.stringify({ version, tools: tools.map((tool) => tool.name).sort(), ok }));
  await client.close();
}

function words(result) {
  const text = result.content.map((block) => block.text ?? "").join("\n");
  if (result.isError) throw new Error(text);
  return text;
}
