package wire

import "hash/crc32"

// The checksums of segments (native_protocol_v5.spec §2.2): Koopman's CRC24
// over the header, CRC32 over the payload, the latter started with four bytes so
// that it differs from the plain CRC32 of the payload (org.apache.cassandra.net.Crc).
const (
	crc24Init = 0x875060
	crc24Poly = 0x1974F0B
)

var (
	crc24Table = makeCRC24Table()
	crc32Init  = crc32.ChecksumIEEE([]byte{0xFA, 0x2D, 0x55, 0xCA})
)

func makeCRC24Table() (table [256]uint32) {
	for i := range table {
		crc := uint32(i) << 16
		for range 8 {
			crc <<= 1
			if crc&0x1000000 != 0 {
				crc ^= crc24Poly
			}
		}
		table[i] = crc & 0xFFFFFF
	}
	return table
}

// crc24 is the checksum of a segment header's first bytes.
func crc24(header []byte) uint32 {
	crc := uint32(crc24Init)
	for _, b := range header {
		crc = (crc<<8)&0xFFFFFF ^ crc24Table[byte(crc>>16)^b]
	}
	return crc
}

// payloadCRC is the checksum of a segment's payload as it travels.
func payloadCRC(payload []byte) uint32 {
	return crc32.Update(crc32Init, crc32.IEEETable, payload)
}
