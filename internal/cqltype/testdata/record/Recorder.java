// Records what Apache Cassandra's own classes answer to the cases in testdata/*.txt.
//
//   LIB=directory with cassandra-all-5.0.x.jar and what it depends on
//   javac -cp "$LIB/*" -d /tmp/rec Recorder.java
//   java -Duser.timezone=UTC -cp "/tmp/rec:$LIB/*" Recorder ../*.txt
//
// (Java 17 and later want --add-exports java.base/jdk.internal.ref=ALL-UNNAMED and the like,
// as Cassandra's own jvm17-server.options lists them.)
//
// A case is a line "field | field | ... | answer"; the recorder rewrites the answer, which may be
// missing. The file's name is the question asked.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.cql3.*;
import org.apache.cassandra.db.marshal.*;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.schema.*;
import org.apache.cassandra.transport.ProtocolVersion;
import org.apache.cassandra.utils.*;

public class Recorder
{
    static UserType address = new UserType("ks", ByteBufferUtil.bytes("address"),
        List.of(FieldIdentifier.forInternalString("street"), FieldIdentifier.forInternalString("No"),
                FieldIdentifier.forInternalString("tags")),
        List.of(UTF8Type.instance, Int32Type.instance, SetType.getInstance(UTF8Type.instance, false)), true);

    public static void main(String[] files) throws Exception
    {
        DatabaseDescriptor.clientInitialization();
        DatabaseDescriptor.setPartitionerUnsafe(Murmur3Partitioner.instance);
        for (String file : files)
        {
            Path path = Path.of(file);
            String question = path.getFileName().toString().replace(".txt", "");
            StringBuilder out = new StringBuilder();
            for (String line : Files.readAllLines(path))
            {
                if (line.isBlank() || line.startsWith("#"))
                {
                    out.append(line).append('\n');
                    continue;
                }
                String[] all = line.split(" \\| ", -1);
                int n = question.equals("compare") ? 3 : question.equals("token") || question.equals("class") ? 1 : 2;
                String[] in = Arrays.copyOf(all, n);
                String answer;
                try
                {
                    answer = ask(question, in);
                }
                catch (Throwable e)
                {
                    answer = "error: " + e.getMessage();
                    if (!(e instanceof org.apache.cassandra.serializers.MarshalException)
                        && !(e instanceof org.apache.cassandra.exceptions.InvalidRequestException))
                        answer = "failure: " + e;
                }
                out.append(String.join(" | ", in)).append(" | ").append(escape(answer)).append('\n');
            }
            Files.writeString(path, out.toString());
        }
    }

    // Control characters and backslashes as Java writes them.
    static String escape(String s)
    {
        StringBuilder out = new StringBuilder();
        for (char c : s.toCharArray())
        {
            if (c == '\\')
                out.append("\\\\");
            else if (c < ' ' || c == 0x7f)
                out.append(String.format("\\u%04x", (int) c));
            else
                out.append(c);
        }
        return out.toString();
    }

    static AbstractType<?> type(String cql)
    {
        return CQLTypeParser.parse("ks", cql, Types.of(address));
    }

    static ByteBuffer hex(String s)
    {
        return s.equals("null") ? null : ByteBufferUtil.hexToBytes(s.substring(2));
    }

    static String hex(ByteBuffer b)
    {
        return b == null ? "null" : "0x" + ByteBufferUtil.bytesToHex(b);
    }

    static String ask(String question, String[] in) throws Exception
    {
        switch (question)
        {
            case "token":
                return Murmur3Partitioner.instance.getToken(hex(in[0])).toString();
            case "class":
                return type(in[0]).toString();
            case "validate":
                type(in[0]).validate(hex(in[1]));
                return "ok";
            case "fromstring":
                return hex(type(in[0]).fromString((String) JsonUtils.decodeJson(in[1])));
            case "literal":
                return type(in[0]).toCQLString(hex(in[1]));
            case "json":
                return type(in[0]).toJSONString(hex(in[1]), ProtocolVersion.CURRENT);
            case "fromjson":
                Object parsed = JsonUtils.decodeJson(in[1]);
                if (parsed == null)
                    return "null";
                return hex(type(in[0]).fromJSONObject(parsed).bindAndGet(QueryOptions.DEFAULT));
            case "compare":
                return Integer.toString(Integer.signum(type(in[0]).compare(hex(in[1]), hex(in[2]))));
        }
        throw new IllegalArgumentException(question);
    }
}
