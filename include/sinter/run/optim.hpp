// SPDX-License-Identifier: Apache-2.0
// Optimisers and schedules of their rates, as functions: part of a step of training inside another function, or called by themselves.
// What they compute is in ops/optim.hpp.
#pragma once

#include <cmath>
#include <numbers>

#include <sinter/ops/optim.hpp>
#include <sinter/run/transformations.hpp>

namespace sinter {

namespace detail {
// A tensor of one T where a leaf X is: on the host, or, as a device::tensor says by the name of what stands for it there, on a device.
template <class X, class T> struct one_beside { using type = tensor<T>; };
template <template <class, extent_t...> class Tensor, class U, extent_t... E, class T>
requires requires { typename Tensor<U, E...>::host; }
struct one_beside<Tensor<U, E...>, T> {
  using type = Tensor<T>;
};
template <class P> using first_leaf = std::remove_cvref_t<std::tuple_element_t<0, leaves_of_tree<P>>>;
// The number of steps: where the parameters are.
template <class P> using step_count = typename one_beside<first_leaf<P>, std::int32_t>::type;
}  // namespace detail

/// What adam and adamw remember of parameters P: the number of steps, and for each leaf the means of gradients and of their squares.
template <class P> struct adam_state {
  detail::step_count<P> count;
  P mean, square;
};
/// What momentum and nesterov remember: the number of steps, and for each leaf the sum of gradients.
template <class P> struct momentum_state {
  detail::step_count<P> count;
  P velocity;
};
struct adam_options {
  float b1 = 0.9f, b2 = 0.999f, epsilon = 1e-8f, epsilon_root = 0;
};
struct adamw_options {
  float b1 = 0.9f, b2 = 0.999f, epsilon = 1e-8f, epsilon_root = 0, weight_decay = 1e-4f;
};

namespace detail {
template <class X> void make_zero(X& x, const X& like) {
  if constexpr (number_like<X>) x = 0;
  else {
    if constexpr (requires { like.copy(); }) x = like.copy();
    else x = like;
    x.fill(0);
  }
}
}  // namespace detail

/// Parameters like these, all zero, and where they are. P: made without arguments, as structures of tensors are.
template <class P> P zeros_like(const P& parameters) {
  P zeros{};
  detail::each_leaf([](auto& x, const auto& like) { detail::make_zero(x, like); }, zeros, parameters);
  return zeros;
}
/// The state before the first step: all zero.
template <class P> adam_state<P> adam_init(const P& parameters) {
  adam_state<P> s{{}, zeros_like(parameters), zeros_like(parameters)};
  s.count.fill(0);
  return s;
}
template <class P> momentum_state<P> momentum_init(const P& parameters) {
  momentum_state<P> s{{}, zeros_like(parameters)};
  s.count.fill(0);
  return s;
}

namespace detail {
struct global_norm_of {
  template <class G> constexpr auto operator()(const G& g) const { return ops::global_norm::trace(g); }
};
struct clip_of {
  template <class G, class M> constexpr auto operator()(const G& g, const M& most) const {
    return ops::clip_by_global_norm::trace(g, most);
  }
};
struct sgd_of {
  template <class P, class G, class R> constexpr auto operator()(const P& p, const G& g, const R& rate) const {
    return ops::sgd::trace(p, g, rate);
  }
};
template <bool Nesterov> struct momentum_of {
  template <class P, class G, class S, class R, class D = float>
  constexpr auto operator()(const P& p, const G& g, const S& state, const R& rate, const D& decay = 0.9f) const {
    return ops::momentum<Nesterov>::trace(p, g, state, rate, decay);
  }
};
template <class Options> struct adam_of {
  template <class P, class G, class S, class R, class O = Options>
  constexpr auto operator()(const P& p, const G& g, const S& state, const R& rate, const O& options = {}) const {
    return ops::adam::trace(p, g, state, rate, options);
  }
};
}  // namespace detail

/// global_norm(g): the root of the sum of the squares of all elements of all leaves. Types: floating point; f16 and bf16 are summed in
/// f32. Cost: one kernel a leaf, and one. Source: Optax global_norm.
inline constexpr auto global_norm = fn(detail::global_norm_of{});
/// clip_by_global_norm(g, most): g, where its norm is not below `most` times most / norm, so that it is most. Source: Optax
/// clip_by_global_norm; Pascanu et al., ICML 2013.
inline constexpr auto clip_by_global_norm = fn(detail::clip_of{});

/// sgd(p, g, rate) = p - rate g, for each leaf of the parameters p and of the gradients g, which are alike: trees (see fn) or tensors.
/// Inside of a function, where the step is one with the gradient, or by itself: `sgd.into(p, p, g, 0.1f)` writes p where it stands.
/// Types: floating point; f16 and bf16 are computed in f32 and rounded once. Cost: one kernel a leaf, which reads p and g and writes p;
/// where g is made in the same function, that kernel can be the one that makes it. Source: Optax sgd.
inline constexpr auto sgd = fn(detail::sgd_of{});

/// momentum(p, g, state, rate, decay = 0.9): v' = g + decay v, p' = p - rate v'; gives std::tuple(p', state').
/// The state is momentum_init(p) at first. Rate: a number, an argument, or a function of the number of steps, such as a
/// warmup_cosine_decay. Types, use, cost: as sgd, and v is read and written: `momentum.into(std::tie(p, state), p, g, state, 0.1f)`.
/// Source: Polyak 1964; Optax sgd with momentum.
inline constexpr auto momentum = fn(detail::momentum_of<false>{});
/// The same with p' = p - rate (g + decay v'). Source: Nesterov 1983; Sutskever et al., ICML 2013; Optax sgd with nesterov.
inline constexpr auto nesterov = fn(detail::momentum_of<true>{});

/// adam(p, g, state, rate, adam_options{}): gives std::tuple(p', state') with, n being the number of this step from 1 on,
///   m' = b1 m + (1 - b1) g,  v' = b2 v + (1 - b2) g^2,
///   p' = p - rate (m' / (1 - b1^n)) / (sqrt(v' / (1 - b2^n) + epsilon_root) + epsilon).
/// The state is adam_init(p) at first. Rate: as momentum; a function is called with n - 1.
/// Types: as sgd; the state may have wider elements than the parameters. Cost: one kernel a leaf, which reads p, g, m, v and writes p, m, v
/// where they stand: `adam.into(std::tie(p, state), p, g, state, 1e-3f)`, or as the end of a function with the gradient.
/// Source: Kingma and Ba, ICLR 2015; Optax adam. b is taken as it is in f32.
inline constexpr auto adam = fn(detail::adam_of<adam_options>{});
/// adamw(p, g, state, rate, adamw_options{}): as adam, and p' is also less rate weight_decay p.
/// Source: Loshchilov and Hutter, ICLR 2019; Optax adamw.
inline constexpr auto adamw = fn(detail::adam_of<adamw_options>{});

/// A rate that rises linearly from `initial` to `peak` during the first warmup_steps steps, then falls along half a cosine to `final` at
/// step decay_steps, counted from the beginning as well, and stays there. `rate(step)` of a number, or of a value in a function:
///   constexpr sinter::warmup_cosine_decay rate{.peak = 1e-3, .warmup_steps = 100, .decay_steps = 5000};
///   ... sinter::adam(p, g, state, rate)
/// Without a warm-up (warmup_steps = 0) it begins at `peak`. Source: Loshchilov and Hutter, ICLR 2017; Optax
/// warmup_cosine_decay_schedule.
struct warmup_cosine_decay {
  double peak = 1e-3;
  double warmup_steps = 0, decay_steps = 1;
  double initial = 0, final = 0;

  constexpr value operator()(const value& step) const {
    const value n = cast<float>(step);
    const value along = clamp((n - warmup_steps) * (1 / (decay_steps - warmup_steps)), 0, 1);
    const value falling = cos(along * std::numbers::pi) * ((peak - final) / 2) + (peak + final) / 2;
    if (!(warmup_steps > 0)) return falling;
    return where(n < warmup_steps, n * ((peak - initial) / warmup_steps) + initial, falling);
  }
  double operator()(double step) const {
    if (step < warmup_steps) return initial + (peak - initial) * step / warmup_steps;
    const double along = std::fmin((step - warmup_steps) / (decay_steps - warmup_steps), 1);
    return final + (peak - final) * (0.5 + 0.5 * std::cos(std::numbers::pi * along));
  }
};

}  // namespace sinter
