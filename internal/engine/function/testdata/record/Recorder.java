// Records what Apache Cassandra's own native functions answer to the cases in testdata/*.txt.
// Compile and run like internal/cqltype/testdata/record/Recorder.java.
//
// A case of call.txt is "function | argument types; ... | argument ... | answer", one of
// aggregate.txt "function | argument type | value of row 1, of row 2, ... | answer"; values are 0x... or
// null. The answer is "type value", or "error: text".
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.cql3.*;
import org.apache.cassandra.cql3.functions.*;
import org.apache.cassandra.db.marshal.*;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.schema.*;
import org.apache.cassandra.transport.ProtocolVersion;
import org.apache.cassandra.utils.*;

public class Recorder
{
    public static void main(String[] files) throws Exception
    {
        DatabaseDescriptor.clientInitialization();
        DatabaseDescriptor.setPartitionerUnsafe(Murmur3Partitioner.instance);
        for (String file : files)
        {
            Path path = Path.of(file);
            StringBuilder out = new StringBuilder();
            for (String line : Files.readAllLines(path))
            {
                if (line.isBlank() || line.startsWith("#"))
                {
                    out.append(line).append('\n');
                    continue;
                }
                String[] in = Arrays.copyOf(line.split(" \\| ", -1), 3);
                String answer;
                try
                {
                    answer = ask(in);
                }
                catch (Throwable e)
                {
                    answer = e instanceof org.apache.cassandra.exceptions.CassandraException
                             ? "error: " + e.getMessage() : "error: " + e;
                }
                out.append(String.join(" | ", in)).append(" | ").append(answer.replace("\n", "\\n")).append('\n');
            }
            Files.writeString(path, out.toString());
        }
    }

    static ByteBuffer hex(String s)
    {
        return s.equals("null") ? null : ByteBufferUtil.hexToBytes(s.substring(2));
    }

    static String hex(ByteBuffer b)
    {
        return b == null ? "null" : "0x" + ByteBufferUtil.bytesToHex(b);
    }

    static NativeFunction find(FunctionName name, List<AbstractType<?>> types)
    {
        for (NativeFunction f : NativeFunctions.instance.getFunctions(name))
            if (f.argTypes().equals(types))
                return f;
        for (FunctionFactory f : NativeFunctions.instance.getFactories(name))
            return f.getOrCreateFunction(types, null, "ks", "t");
        throw new IllegalArgumentException("no function " + name + " of " + types);
    }

    static String ask(String[] in) throws Exception
    {
        List<AbstractType<?>> types = new ArrayList<>();
        if (!in[1].isEmpty())
            for (String t : in[1].split("; "))
                types.add(CQLTypeParser.parse("ks", t, Types.none()));
        String[] values = in[2].isEmpty() ? new String[0] : in[2].split(" ");
        NativeFunction f = find(FunctionName.nativeFunction(in[0]), types);
        Arguments args = f.newArguments(ProtocolVersion.V5);
        ByteBuffer result;
        if (f instanceof ScalarFunction)
        {
            for (int i = 0; i < values.length; i++)
                args.set(i, hex(values[i]));
            result = ((ScalarFunction) f).execute(args);
        }
        else
        {
            AggregateFunction.Aggregate a = ((AggregateFunction) f).newAggregate();
            for (String v : values)
            {
                args.set(0, hex(v));
                a.addInput(args);
            }
            result = a.compute(ProtocolVersion.V5);
        }
        return f.returnType().asCQL3Type() + " " + hex(result);
    }
}
