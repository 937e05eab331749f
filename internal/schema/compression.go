package schema

import (
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// compressors are Cassandra's compression classes, each with the check of its
// own options (ICompressor.create and supportedOptions).
var compressors = map[string][]subOption{
	"LZ4Compressor": {
		{"lz4_compressor_type", checkLZ4Type}, {"lz4_high_compressor_level", checkLZ4Level},
	},
	"SnappyCompressor":  nil,
	"DeflateCompressor": nil,
	"ZstdCompressor":    {{"compression_level", checkZstdLevel}},
	"NoopCompressor":    nil,
}

// The greatest and least levels of Zstandard.
const (
	minZstdLevel = -131072
	maxZstdLevel = 22
)

// parseCompression reads compression (CompressionParams.fromMap) and returns
// it in the form system_schema shows. Nothing is compressed by it: the store
// has its own ways.
func parseCompression(given map[string]string) (map[string]string, error) {
	options := maps.Clone(given)
	enabled := options["enabled"] == "" || strings.EqualFold(options["enabled"], "true")
	class, hasClass := options["class"]
	if len(given) > 0 && enabled && !hasClass {
		return nil, cqlerr.Configf("Missing sub-option 'class' for the 'compression' option.")
	}
	delete(options, "enabled")
	if !enabled && len(options) > 0 {
		return nil, cqlerr.Configf("If the 'enabled' option is set to false no other options must be specified")
	}
	if hasClass && class == "" {
		return nil, cqlerr.Configf("The 'class' option must not be empty. To disable compression use 'enabled' : false")
	}
	if !hasClass {
		return map[string]string{"enabled": "false"}, nil
	}
	delete(options, "class")
	chunk, err := takeChunkLength(options)
	if err != nil {
		return nil, err
	}
	ratio := 0.0
	if text, ok := options["min_compress_ratio"]; ok {
		if ratio, err = parseDouble(text); err != nil {
			return nil, cqlerr.Configf("Invalid value for min_compress_ratio")
		}
		delete(options, "min_compress_ratio")
	}
	name := strings.TrimPrefix(class, compressionPackage)
	checks, known := compressors[name]
	if !known {
		if !strings.Contains(class, ".") {
			class = compressionPackage + class
		}
		return nil, cqlerr.Configf("Could not create Compression for type %s", class)
	}
	rest, err := checkSubOptions(checks, options)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, cqlerr.Configf("Unknown compression options %s", rest[0])
	}
	if err := validateCompression(chunk, ratio); err != nil {
		return nil, err
	}
	options["class"] = compressionPackage + name
	options["chunk_length_in_kb"] = strconv.Itoa(chunk / 1024)
	if ratio != 0 {
		options["min_compress_ratio"] = formatDouble(ratio)
	}
	return options, nil
}

// takeChunkLength removes chunk_length_in_kb and returns it in bytes.
func takeChunkLength(options map[string]string) (int, error) {
	text, ok := options["chunk_length_in_kb"]
	if !ok {
		return 16 * 1024, nil
	}
	delete(options, "chunk_length_in_kb")
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, cqlerr.Configf("Invalid value for chunk_length_in_kb")
	}
	if n > math.MaxInt32/1024 {
		return 0, cqlerr.Configf("Value of chunk_length_in_kb is too large (%d)", n)
	}
	return int(n) * 1024, nil
}

// validateCompression is CompressionParams.validate.
func validateCompression(chunk int, ratio float64) error {
	longest := math.Inf(1) // chunks longer than this once compressed are stored as they are
	if ratio != 0 {
		longest = math.Ceil(float64(chunk) / ratio)
	}
	switch {
	case chunk <= 0:
		return cqlerr.Configf("Invalid negative or null chunk_length_in_kb")
	case chunk&(chunk-1) != 0:
		return cqlerr.Configf("chunk_length_in_kb must be a power of 2")
	case longest < 0:
		return cqlerr.Configf("Invalid negative min_compress_ratio")
	case longest > float64(chunk) && longest < math.MaxInt32:
		return cqlerr.Configf("min_compress_ratio can either be 0 or greater than or equal to 1")
	}
	return nil
}

func checkLZ4Type(name, value string) error {
	if value != "high" && value != "fast" {
		return cqlerr.Configf("Invalid compressor type '%s' specified for LZ4 parameter '%s'. Valid options are [high, fast].", value, name)
	}
	return nil
}

func checkLZ4Level(name, value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 17 {
		return cqlerr.Configf("Invalid value [%s] for parameter '%s'. Value must be between 1 and 17.", value, name)
	}
	return nil
}

func checkZstdLevel(name, value string) error {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return cqlerr.Configf("ZstdCompressor.create() threw an error: java.lang.NumberFormatException For input string: \"%s\"", value)
	}
	if n < minZstdLevel || n > maxZstdLevel {
		return cqlerr.Configf("ZstdCompressor.create() threw an error: java.lang.IllegalArgumentException %s=%d is invalid", name, n)
	}
	return nil
}
