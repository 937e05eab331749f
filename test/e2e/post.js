// The source post's client, with the lines that its text form lost filled in.
// Only its URLs and its token are the reader's: site.mjs puts them in.
import { v4 as uuidv4 } from "uuid";

const baseUsersUrl = "{users-url}";

const baseUserCredsUrl = "{user-credentials-url}";

export async function createNewUser(firstname, lastname, email, password) {
  const userUuid = uuidv4();
  const timestamp = new Date().toISOString();

  const userBody = {
    userid: userUuid,
    firstname,
    lastname,
    email,
    created_date: timestamp,
  };

  const credentialBody = {
    email,
    password,
    userid: userUuid,
  };

  try {
    const response = await fetch(baseUsersUrl, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "x-cassandra-token": "your-cassandra-token",
      },
      body: JSON.stringify(userBody),
    }).then((res) => res.json());

    const credentials = await fetch(baseUserCredsUrl, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "x-cassandra-token": "your-cassandra-token",
      },
      body: JSON.stringify(credentialBody),
    }).then((res) => res.json());
  } catch (e) {
    console.log(`Something went wrong: ${e.message}`);
  }
}
