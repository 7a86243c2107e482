// SPDX-License-Identifier: Apache-2.0
// Loads and stores of packs: all storage types, whole, partial and strided. Storage narrower than its register widens on
// loading and wraps or rounds on storing. No alignment is needed; nothing outside the named lanes is touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <sinter/core/dtype.hpp>
#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/simd/convert.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

// An address that may lie outside of what p points into, as the origin of a padded operand, or of a part of an array without elements:
// no such pointer exists, but its address does.
template <class Byte> SINTER_INLINE Byte* moved(Byte* p, extent_t bytes) {
  return reinterpret_cast<Byte*>(reinterpret_cast<std::uintptr_t>(p) + static_cast<std::uintptr_t>(bytes));
}

namespace detail {
template <class S> inline constexpr bool is_half = std::same_as<S, float16> || std::same_as<S, bfloat16>;

template <class B, class S, int N, int W> SINTER_INLINE auto zero_lanes() {
  if constexpr (std::same_as<S, bool>) return broadcast_mask<B, W, N>(false);
  else return broadcast<B, register_t<S>, N>(0);
}
template <class B, int W, int N> SINTER_INLINE pack<B, std::uint32_t, N> zero_or_one(mask<B, W, N> m) {
  return select(mask_cast<4>(m), pack<B, std::uint32_t, N>(1), 0);
}

// Copies lanes first <= l < last through a buffer.
template <class S, int N> struct lane_buffer {
  S lanes[N] = {};
  SINTER_INLINE void copy(S* to, const S* from, int first, int last) {
    const int begin = first < 0 ? 0 : first, end = last > N ? N : last;
    if (begin < end) std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin) * sizeof(S));
  }
};

// Of a backend that loads and stores packets at once, at addresses aligned to them.
template <class B, class S, int N> inline constexpr bool has_chunks = N > 1 && requires { typename instructions<B>::template chunk<S, N>; };
}  // namespace detail

template <class B, int N, int W = 4, element S> SINTER_INLINE auto load(const S* p);
namespace detail {
template <class B, class R, int N, class S> SINTER_INLINE pack<B, R, N> join_lanes(const S* lane) {
  if constexpr (N == 1) return load<B, 1>(lane);
  else return {join_lanes<B, R, N / 2>(lane), join_lanes<B, R, N / 2>(lane + N / 2)};
}
}  // namespace detail

/// p[0], ..., p[N-1] as a pack of the register type; of bool a mask for lanes of W bytes.
template <class B, int N, int W, element S> SINTER_INLINE auto load(const S* p) {
  if constexpr (std::same_as<S, bool>) {
    return mask_cast<W>(load<B, N>(reinterpret_cast<const std::uint8_t*>(p)) != 0u);
  } else if constexpr (detail::has_chunks<B, S, N>) {
    const auto held = *reinterpret_cast<const typename instructions<B>::template chunk<S, N>*>(p);
    return detail::join_lanes<B, register_t<S>, N>(held.lane);
  } else {
    using R = register_t<S>;
    using P = pack<B, R, N>;
    if constexpr (!P::native) {
      return P{load<B, N / 2>(p), load<B, N / 2>(p + N / 2)};
    } else if constexpr (detail::is_half<S>) {
      if constexpr (std::same_as<S, float16> && instructions<B>::has_half) {
        return P(instructions<B>::template load_half<N>(&p->bits));
      } else {
        [[maybe_unused]] const detail::uncounted<B> quiet;
        const auto bits = load<B, N>(&p->bits);
        if constexpr (std::same_as<S, float16>) return detail::from_half_bits(bits);
        else return detail::from_brain_bits(bits);
      }
    } else {
      return P(instructions<B>::template load<R, N>(p));
    }
  }
}

template <class B, class R, int N, element S>
requires std::same_as<R, register_t<S>> SINTER_INLINE void store(S* p, pack<B, R, N> x);
namespace detail {
template <class S, class X> SINTER_INLINE void split_lanes(S* lane, X x) {
  if constexpr (X::size == 1) store(lane, x);
  else split_lanes(lane, x.lo), split_lanes(lane + X::size / 2, x.hi);
}
}  // namespace detail

/// Writes lane l to p[l].
template <class B, class R, int N, element S>
requires std::same_as<R, register_t<S>> SINTER_INLINE void store(S* p, pack<B, R, N> x) {
  if constexpr (detail::has_chunks<B, S, N>) {
    typename instructions<B>::template chunk<S, N> held;
    detail::split_lanes(held.lane, x);
    *reinterpret_cast<typename instructions<B>::template chunk<S, N>*>(p) = held;
  } else if constexpr (!x.native) {
    store(p, x.lo);
    store(p + N / 2, x.hi);
  } else if constexpr (std::same_as<S, float16> && instructions<B>::has_half) {
    instructions<B>::template store_half<N>(&p->bits, x.v);
  } else if constexpr (std::same_as<S, bfloat16> && detail::has_brain<B>) {
    instructions<B>::template store_brain<N>(&p->bits, x.v);
  } else if constexpr (detail::is_half<S>) {
    [[maybe_unused]] const detail::uncounted<B> quiet;
    if constexpr (std::same_as<S, float16>) store(&p->bits, detail::half_bits(x));
    else store(&p->bits, detail::brain_bits(x));
  } else {
    instructions<B>::template store<R, N>(p, x.v);
  }
}
template <class B, int W, int N> SINTER_INLINE void store(bool* p, mask<B, W, N> x) {
  store(reinterpret_cast<std::uint8_t*>(p), detail::zero_or_one(x));
}

/// Reads p[l] for first <= l < last only; the other lanes are zero or false. first and last may lie outside 0 to N.
template <class B, int N, int W = 4, element S> SINTER_INLINE auto load_some(const S* p, int first, int last) {
  if constexpr (register_element<S> && requires { instructions<B>::template load_some<S, 1>(p, first, last); }) {
    using P = pack<B, S, N>;
    if constexpr (P::native) return P(instructions<B>::template load_some<S, N>(p, first, last));
    else return P(load_some<B, N / 2>(p, first, last), load_some<B, N / 2>(last > N / 2 ? p + N / 2 : p, first - N / 2, last - N / 2));
  } else if constexpr (N == 1) {
    if (first <= 0 && last > 0) return load<B, 1, W>(p);
    return detail::zero_lanes<B, S, 1, W>();
  } else if constexpr (native_lanes<B, std::uint32_t> == 1) {
    return concat(load_some<B, N / 2, W>(p, first, last),
                  load_some<B, N / 2, W>(last > N / 2 ? p + N / 2 : p, first - N / 2, last - N / 2));
  } else {
    detail::lane_buffer<S, N> buffer;
    buffer.copy(buffer.lanes, p, first, last);
    return load<B, N, W>(static_cast<const S*>(buffer.lanes));
  }
}

#if SINTER_VECTOR_EXTENSIONS
// Lanes 0 to count - 1, a number that the compiler knows, in parts of whole vectors.
template <class R, int Width, int Lane, class Row, int... I>
SINTER_INLINE void store_part(R* p, const Row& x, int count, sinter::detail::int_list<I...>) {
  typedef R part __attribute__((vector_size(Width * sizeof(R))));
  if (count & Width) {
    const part y = __builtin_shufflevector(x, x, (Lane + I)...);
    std::memcpy(p + Lane, &y, sizeof(y));
    if constexpr (Width > 1) store_part<R, Width / 2, Lane + Width>(p, x, count, sinter::detail::make_int_list<Width / 2>{});
  } else if constexpr (Width > 1) {
    store_part<R, Width / 2, Lane>(p, x, count, sinter::detail::make_int_list<Width / 2>{});
  }
}
template <class B, class R, int N> SINTER_INLINE void store_first(R* p, pack<B, R, N> x, int count) {
  typedef R row __attribute__((vector_size(N * sizeof(R))));
  row r;
  std::memcpy(&r, &x, sizeof(r));
  store_part<R, N / 2, 0>(p, r, count, sinter::detail::make_int_list<N / 2>{});
}
#endif

/// Writes lane l to p[l] for first <= l < last only.
template <class B, class R, int N, element S>
requires std::same_as<R, register_t<S>> SINTER_INLINE void store_some(S* p, pack<B, R, N> x, int first, int last) {
#if SINTER_VECTOR_EXTENSIONS
  // Processors make a load that follows wait for a masked store near it.
  if constexpr (std::same_as<R, S> && sizeof(R) >= 4 && N >= 4 && x.native && requires { instructions<B>::pin(x.v); })
    if (__builtin_constant_p(first) && __builtin_constant_p(last) && first <= 0 && last > 0 && last < N) return store_first(p, x, last);
#endif
  if constexpr (register_element<S> && requires { instructions<B>::template store_some<S, N>(p, x.v, first, last); }) {
    instructions<B>::template store_some<S, N>(p, x.v, first, last);
  } else if constexpr (N == 1) {
    if (first <= 0 && last > 0) store(p, x);
  } else if constexpr (!x.native) {
    // The address of a half that is not written may lie outside the array: it is not formed.
    store_some(p, x.lo, first, last);
    store_some(last > N / 2 ? p + N / 2 : p, x.hi, first - N / 2, last - N / 2);
  } else {
    detail::lane_buffer<S, N> buffer;
    store(static_cast<S*>(buffer.lanes), x);
    buffer.copy(p, buffer.lanes, first, last);
  }
}
template <class B, int W, int N> SINTER_INLINE void store_some(bool* p, mask<B, W, N> x, int first, int last) {
  store_some(reinterpret_cast<std::uint8_t*>(p), detail::zero_or_one(x), first, last);
}

/// Lane l from p[l * stride], for first <= l < last only; the other lanes are zero or false. stride counts elements.
/// Single lanes are joined in registers: no gather, no buffer.
template <class B, int N, int W = 4, element S>
SINTER_INLINE auto load_strided_some(const S* p, std::ptrdiff_t stride, int first, int last) {
  if constexpr (N == 1) {
    if (first <= 0 && last > 0) return load<B, 1, W>(p);
    return detail::zero_lanes<B, S, 1, W>();
  } else {
    constexpr int half = N / 2;
    // The address of a half that is not read may lie outside the array: it is not formed.
    const S* const q = last > half ? p + half * stride : p;
    return concat(load_strided_some<B, half, W>(p, stride, first, last),
                  load_strided_some<B, half, W>(q, stride, first - half, last - half));
  }
}
template <class B, int N, int W = 4, element S> SINTER_INLINE auto load_strided(const S* p, std::ptrdiff_t stride) {
  if constexpr (N == 1) return load<B, 1, W>(p);
  else return concat(load_strided<B, N / 2, W>(p, stride), load_strided<B, N / 2, W>(p + N / 2 * stride, stride));
}

namespace detail {
template <class B, int N, int W, class S, class I>
SINTER_INLINE auto gather_lanes(const S* p, const pack<B, I, N>& index, int first, int last) {
  I at[N];
  S held[N] = {};
  store(at, index);
  const int begin = first < 0 ? 0 : first, end = last > N ? N : last;
  for (int l = begin; l < end; ++l) held[l] = p[at[l]];
  return load<B, N, W>(static_cast<const S*>(held));
}
}  // namespace detail

/// Lane l from p[index[l]], for first <= l < last only; the other lanes are zero or false. Whole: all lanes are asked for. What of the
/// indices belongs to other lanes is not used.
template <class B, int N, int W = 4, bool Whole = false, element S, class I>
SINTER_INLINE auto gather_some(const S* p, const pack<B, I, N>& index, int first, int last) {
  using R = register_t<S>;
  if constexpr (N == 1) {
    if (Whole || (first <= 0 && last > 0)) return load<B, 1, W>(p + static_cast<std::ptrdiff_t>(simd::first(index)));
    return detail::zero_lanes<B, S, 1, W>();
  } else if constexpr (std::same_as<R, S> && sizeof(I) < sizeof(R)) {
    return gather_some<B, N, W, Whole>(p, convert<signed_word<sizeof(R)>>(index), first, last);
  } else if constexpr (std::same_as<R, S> && sizeof(I) == sizeof(R) && requires { instructions<B>::has_gather; }) {
    if constexpr (!pack<B, R, N>::native) {
      return concat(gather_some<B, N / 2, W, Whole>(p, lower_half(index), first, last),
                    gather_some<B, N / 2, W, Whole>(p, upper_half(index), first - N / 2, last - N / 2));
    } else if constexpr (Whole) {
      return pack<B, R, N>(instructions<B>::template gather<R, N>(p, index.v));
    } else {
      if (first > 0 || last <= 0) return detail::gather_lanes<B, N, W>(p, index, first, last);
      const auto wanted = first_lanes<B, sizeof(R), N>(last);
      const auto safe = select(wanted, index, broadcast<B, I, N>(simd::first(index)));  // the others read what the first one reads
      return select(wanted, gather_some<B, N, W, true>(p, safe, 0, N), broadcast<B, R, N>(R{}));
    }
  } else {
    return detail::gather_lanes<B, N, W>(p, index, Whole ? 0 : first, Whole ? N : last);
  }
}

/// Lane l from p[2 * l]; nothing beyond p[2 * N - 2] is touched.
template <class B, int N, int W = 4, element S> SINTER_INLINE auto load_second(const S* p) {
  if constexpr (register_element<S> && N > 1) {
    if constexpr (!pack<B, S, N>::native) return concat(load_second<B, N / 2, W>(p), load_second<B, N / 2, W>(p + N));
    else if constexpr (requires { instructions<B>::template load_second<S, N>(p); })
      return pack<B, S, N>(instructions<B>::template load_second<S, N>(p));
    else return load_strided<B, N, W>(p, 2);
  } else {
    return load_strided<B, N, W>(p, 2);
  }
}

namespace detail {
template <class S, class X> SINTER_INLINE void store_lanes_some(S* p, X x, std::ptrdiff_t stride, int first, int last) {
  if constexpr (X::size == 1) {
    if (first <= 0 && last > 0) store(p, x);
  } else {
    constexpr int half = X::size / 2;
    store_lanes_some(p, lower_half(x), stride, first, last);
    if (last > half) store_lanes_some(p + half * stride, upper_half(x), stride, first - half, last - half);
  }
}
template <class S, class X> SINTER_INLINE void store_lanes(S* p, X x, std::ptrdiff_t stride) {
  if constexpr (X::size == 1) {
    store(p, x);
  } else {
    store_lanes(p, lower_half(x), stride);
    store_lanes(p + X::size / 2 * stride, upper_half(x), stride);
  }
}
}  // namespace detail

/// Lane l to p[l * stride], for first <= l < last only.
template <class B, class R, int N, element S>
SINTER_INLINE void store_strided_some(S* p, pack<B, R, N> x, std::ptrdiff_t stride, int first, int last) {
  detail::store_lanes_some(p, x, stride, first, last);
}
template <class B, int W, int N>
SINTER_INLINE void store_strided_some(bool* p, mask<B, W, N> x, std::ptrdiff_t stride, int first, int last) {
  detail::store_lanes_some(reinterpret_cast<std::uint8_t*>(p), detail::zero_or_one(x), stride, first, last);
}
template <class B, class R, int N, element S> SINTER_INLINE void store_strided(S* p, pack<B, R, N> x, std::ptrdiff_t stride) {
  detail::store_lanes(p, x, stride);
}
template <class B, int W, int N> SINTER_INLINE void store_strided(bool* p, mask<B, W, N> x, std::ptrdiff_t stride) {
  detail::store_lanes(reinterpret_cast<std::uint8_t*>(p), detail::zero_or_one(x), stride);
}

/// Lane l of x to p[2 * l], that of y to p[2 * l + 1].
template <class B, class R, int N, element S>
requires std::same_as<R, register_t<S>> SINTER_INLINE void store_pairs(S* p, pack<B, R, N> x, pack<B, R, N> y) {
  if constexpr (!x.native) {
    store_pairs(p, x.lo, y.lo);
    store_pairs(p + N, x.hi, y.hi);
  } else if constexpr (std::same_as<S, R> && requires { instructions<B>::template store_pairs<R, N>(p, x.v, y.v); }) {
    instructions<B>::template store_pairs<R, N>(p, x.v, y.v);
  } else {
    store_strided(p, x, 2);
    store_strided(p + 1, y, 2);
  }
}
template <class B, int W, int N> SINTER_INLINE void store_pairs(bool* p, mask<B, W, N> x, mask<B, W, N> y) {
  store_strided(p, x, 2);
  store_strided(p + 1, y, 2);
}

/// store past the caches where the backend can: native vectors of S itself at aligned addresses. Call stream_fence after the last.
template <class B, class R, int N, element S>
requires std::same_as<R, register_t<S>> SINTER_INLINE void stream(S* p, pack<B, R, N> x) {
  if constexpr (!x.native) {
    stream(p, x.lo);
    stream(p + N / 2, x.hi);
  } else if constexpr (std::same_as<S, R> && N == native_lanes<B, R> && requires { instructions<B>::template stream<R, N>(p, x.v); }) {
    if (reinterpret_cast<std::uintptr_t>(p) % sizeof(x) == 0) instructions<B>::template stream<R, N>(p, x.v);
    else store(p, x);
  } else {
    store(p, x);
  }
}
template <class B, int W, int N> SINTER_INLINE void stream(bool* p, mask<B, W, N> x) { store(p, x); }

/// Orders streamed stores before later ones.
template <class B> SINTER_INLINE void stream_fence() {
  if constexpr (requires { instructions<B>::stream_fence(); }) instructions<B>::stream_fence();
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
