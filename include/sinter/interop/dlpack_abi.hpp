// SPDX-License-Identifier: Apache-2.0
// The binary layout of DLPack 0.2 to 1.x, by the published specification (https://dmlc.github.io/dlpack/latest/c_api.html): the
// project's own dlpack.h where it is found or was included before, else these declarations, which share its names and guard.
#pragma once

#if !defined(DLPACK_DLPACK_H_) && __has_include(<dlpack/dlpack.h>)
#include <dlpack/dlpack.h>
#endif

#if !defined(DLPACK_DLPACK_H_)
#define DLPACK_DLPACK_H_

#include <cstdint>

extern "C" {

// Where memory lies. Only the first and third are used here.
typedef enum : std::int32_t { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3 } DLDeviceType;
typedef struct {
  DLDeviceType device_type;
  std::int32_t device_id;
} DLDevice;

// Kind of number, bits an element, elements a vector.
typedef enum { kDLInt = 0, kDLUInt = 1, kDLFloat = 2, kDLOpaqueHandle = 3, kDLBfloat = 4, kDLComplex = 5, kDLBool = 6 } DLDataTypeCode;
typedef struct {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
} DLDataType;

// Memory seen as a tensor; whoever made it owns shape and strides too. Strides count elements; null means row-major.
typedef struct {
  void* data;
  DLDevice device;
  std::int32_t ndim;
  DLDataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
} DLTensor;

// A tensor with its owner: whoever receives one calls deleter(self) once.
typedef struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(struct DLManagedTensor* self);
} DLManagedTensor;

}  // extern "C"
#endif
