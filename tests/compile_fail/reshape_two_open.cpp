// expect: sinter::reshape: the new shape holds another number of elements; make the products of the extents equal (one extent may be -1)
// expect: shape<2, 3>
// expect: shape<-1, -1>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::reshape<-1, 3>(x));
#else
  auto y = sinter::eval(sinter::reshape<-1, -1>(x));
#endif
}
