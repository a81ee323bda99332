import { openGenerator } from './dist/src/interop/open-generator.js'; import { chooseCompute } from './dist/src/compute/choose-compute.js'; import { setNumThreads } from '@pix2pixhd/torch';
import * as T from '@pix2pixhd/torch';
import { createRequire } from 'node:module';
const ort=createRequire('/work/q/ort/run.mjs')('onnxruntime-node');
const med=a=>a.sort((x,y)=>x-y)[a.length>>1];
for (const threads of [1,2]) for (const [w,h] of [[256,256],[512,512]]) {
 (T.setThreads??T.setNumThreads)(threads);
 const n=w*h; const label=Int32Array.from({length:n},(_, i)=>(Math.floor(i/w/37)*5+Math.floor((i%w)/53))%33);
 const style=new Float32Array(3*n).fill(.2); const c={images:1,width:w,height:h,label,instance:label,styleFeatures:style};
 for (const precision of ['fp32','bf16']) { const o=openGenerator('/work/main/packages/emoji-model/model.safetensors',chooseCompute({device:'cpu',precision})); const t=[]; for(let i=0;i<9;i++){const a=performance.now(); o.generator.generate(c); t.push(performance.now()-a);} console.log(threads,'threads',w,h,'ours',precision,med(t).toFixed(0),'ms'); o.generator.dispose(); }
 for (const opt of ['all','disabled']) { const s=await ort.InferenceSession.create('/work/q/onnx/fp32/generator.onnx',{intraOpNumThreads:threads,graphOptimizationLevel:opt}); const t=[]; for(let i=0;i<9;i++){const a=performance.now(); await s.run({label:new ort.Tensor('int32',label,[1,h,w]),instance:new ort.Tensor('int32',label,[1,h,w]),style:new ort.Tensor('float32',style,[1,3,h,w])},['result']); t.push(performance.now()-a);} console.log(threads,'threads',w,h,'onnxruntime-node, graph optimisation',opt,med(t).toFixed(0),'ms'); await s.release(); }
}
