package checksum

// Linear reports whether the checksum of a whole can be computed from those of its parts.
func (a Algorithm) Linear() bool { return a == "CRC32" || a == "CRC32C" || a == "CRC64NVME" }

// Part is a part of a whole.
type Part struct {
	Sum  []byte
	Size int64
}

// OfParts is the checksum of the parts' checksums, as S3 has it of objects that were
// uploaded in parts.
func (a Algorithm) OfParts(parts []Part) []byte {
	h := a.New()
	for _, p := range parts {
		h.Write(p.Sum)
	}
	return h.Sum(nil)
}

// Whole is the checksum of the whole that parts make. a must be Linear.
func (a Algorithm) Whole(parts []Part) []byte {
	poly, bits := uint64(0xEDB88320), 32
	switch a {
	case "CRC32C":
		poly = 0x82F63B78
	case "CRC64NVME":
		poly, bits = nvme, 64
	}
	var sum uint64
	for _, p := range parts {
		var next uint64
		for _, b := range p.Sum {
			next = next<<8 | uint64(b)
		}
		sum = shift(sum, p.Size, poly, bits) ^ next
	}
	out := make([]byte, bits/8)
	for i := range out {
		out[len(out)-1-i] = byte(sum >> (8 * i))
	}
	return out
}

// shift is what a CRC becomes by size bytes of zeros, whose effect is linear: a matrix,
// whose powers of two are multiplied as the bits of size say.
func shift(crc uint64, size int64, poly uint64, bits int) uint64 {
	m := make([]uint64, bits) // one zero bit
	m[0] = poly
	for i := 1; i < bits; i++ {
		m[i] = 1 << (i - 1)
	}
	for range 3 { // one zero byte
		m = square(m)
	}
	for ; size > 0; size >>= 1 {
		if size&1 == 1 {
			crc = times(m, crc)
		}
		m = square(m)
	}
	return crc
}

func times(m []uint64, v uint64) (out uint64) {
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 == 1 {
			out ^= m[i]
		}
	}
	return out
}

func square(m []uint64) []uint64 {
	out := make([]uint64, len(m))
	for i := range m {
		out[i] = times(m, m[i])
	}
	return out
}
